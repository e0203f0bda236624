import Testing

@testable import MintmarkCommand

@Suite("Tokens from arguments and standard input")
struct TokenInputTests {
    @Test(
        "a token is an argument, or else the first line of standard input",
        arguments: [
            Row("an argument", Given(argument: "abc", input: "unread"), "abc"),
            Row("an argument with space around it", Given(argument: " abc\n"), "abc"),
            Row("no argument", Given(input: "abc"), "abc"),
            Row("a dash", Given(argument: "-", input: "abc"), "abc"),
            Row("a line with its end", Given(input: "abc\n"), "abc"),
            Row("a line of another system", Given(input: "abc\r\n"), "abc"),
            Row("space around it", Given(input: "\t abc \n"), "abc"),
            Row("more lines", Given(input: "abc\ndef\n"), "abc"),
        ]
    )
    func token(row: Row<Given, String>) async throws {
        try await withInput(Array(row.given.input.utf8)) { input in
            let token = try TokenInput.accessToken(row.given.argument, reading: input)
            #expect(token == row.expected)
        }
    }

    @Test(
        "no token is a usage error",
        arguments: [
            Row("an empty argument", Given(argument: "", input: "unread"), "there is no token: the argument is empty"),
            Row("space", Given(argument: "  "), "there is no token: the argument is empty"),
            Row("nothing there", Given(), "there is no token: the first line of standard input is empty"),
            Row("an empty line", Given(input: "\nabc"), "there is no token: the first line of standard input is empty"),
        ]
    )
    func noToken(row: Row<Given, String>) async throws {
        try await withInput(Array(row.given.input.utf8)) { input in
            let message = await usageError { try TokenInput.accessToken(row.given.argument, reading: input) }
            #expect(message == row.expected)
        }
    }

    @Test("a token has at most 65,536 bytes", arguments: [(65_535, true), (65_536, true), (65_537, false)])
    func length(count: Int, isTaken: Bool) async throws {
        let text = String(repeating: "a", count: count)
        for argument in [text, nil] {
            for input in [text, text + "\nmore"] {
                try await withInput(Array(input.utf8)) { input in
                    let message = await usageError { try TokenInput.accessToken(argument, reading: input) }
                    #expect((message == nil) == isTaken)
                }
            }
        }
    }

    @Test("standard input that cannot be read is a usage error")
    func unreadable() async {
        let message = await usageError { try TokenInput.accessToken(nil, reading: InputReader(descriptor: -1)) }
        #expect(message == "standard input cannot be read: Bad file descriptor")
    }

    @Test(
        "an access token in the place of a refresh token, and the reverse, is a usage error",
        arguments: [
            Row("an access token", "eyJhbGciOiJFZERTQSJ9.e30.c2ln", "this is an access token: do this"),
            Row("the beginning of one", "eyJ", "this is an access token: do this"),
            Row("one below the prefix", "mmrt", "a refresh token begins with mmrt_"),
            Row("capital letters", "MMRT_abc", "a refresh token begins with mmrt_"),
            Row("quotation marks", "\"mmrt_abc\"", "a refresh token begins with mmrt_"),
            Row("the prefix", "mmrt_", nil),
            Row("a refresh token", "mmrt_abc", nil),
        ] as [Row<String, String?>]
    )
    func refreshTokens(row: Row<String, String?>) async throws {
        for argument in [row.given, nil, "-"] {
            try await withInput(Array(row.given.utf8)) { input in
                let message = await usageError {
                    try TokenInput.refreshToken(argument, reading: input, withAccessToken: "do this")
                }
                #expect(message == row.expected)
            }
            try await withInput(Array(row.given.utf8)) { input in
                let message = await usageError { try TokenInput.accessToken(argument, reading: input) }
                let isRefused = row.given.hasPrefix("mmrt_")
                #expect(message == (isRefused ? "this is a refresh token: mintmark introspect tells what it is" : nil))
            }
        }
    }

    struct Given: Sendable {
        var argument: String?
        var input = ""
    }
}
