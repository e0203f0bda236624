import Foundation
import MintmarkWire
import Testing

@testable import MintmarkCommand

@Suite("Claims from arguments, files and standard input")
struct ClaimsInputTests {
    @Test("claims are an argument, a file, or standard input")
    func sources() async throws {
        let claims = Array(#"{"plan":"pro"}"#.utf8)
        let file = try TemporaryFile(Array(" \n".utf8) + claims + Array("\r\n".utf8))
        try await withInput(claims + Array("\n".utf8)) { input in
            for argument in [#"{"plan":"pro"}"#, "@" + file.path, "-"] {
                let read = try ClaimsInput.claims(argument, reading: input)
                #expect(read == claims)
            }
            let none = try ClaimsInput.claims(nil, reading: input)
            #expect(none == nil)
        }
    }

    @Test("the server judges what looks like an object", arguments: ["{}", "{,}", #"{"a":1,"a":2}"#, "{\u{0}}"])
    func objects(text: String) async throws {
        try await withInput([]) { input in
            let read = try ClaimsInput.claims(text, reading: input)
            #expect(read == Array(text.utf8))
        }
    }

    @Test("what is no object is a usage error", arguments: ["", " ", "claims.json", "[1]", "\"a\"", "null", "{", "}"])
    func noObjects(text: String) async throws {
        try await withInput(Array(text.utf8)) { input in
            for argument in text.isEmpty ? ["", "-"] : [text, "-"] {
                let message = await usageError { try ClaimsInput.claims(argument, reading: input) }
                #expect(message?.contains("claims are a JSON object") == true)
            }
        }
    }

    @Test("claims have at most 4,096 bytes", arguments: [(4_095, true), (4_096, true), (4_097, false)])
    func length(count: Int, isTaken: Bool) async throws {
        let text = "{" + String(repeating: " ", count: count - 2) + "}"
        let file = try TemporaryFile(Array(text.utf8))
        try await withInput(Array(text.utf8)) { input in
            for argument in [text, text + "\n", "-", "@" + file.path] {
                let message = await usageError { try ClaimsInput.claims(argument, reading: input) }
                #expect(message == (isTaken ? nil : "the claims are longer than 4096 bytes"))
            }
        }
    }

    @Test("a file without end is not read to its end")
    func endlessFile() async throws {
        try await withInput([]) { input in
            let message = await usageError { try ClaimsInput.claims("@/dev/zero", reading: input) }
            #expect(message == "the claims are longer than 4096 bytes")
        }
    }

    @Test(
        "a file that cannot be read is a usage error",
        arguments: [
            Row(
                "none",
                "@/nonexistent/claims.json",
                "/nonexistent/claims.json cannot be read: No such file or directory"
            ),
            Row("a directory", "@/", "/ cannot be read: Is a directory"),
            Row("no name", "@", " cannot be read: No such file or directory"),
        ]
    )
    func unreadableFiles(row: Row<String, String>) async throws {
        try await withInput([]) { input in
            let message = await usageError { try ClaimsInput.claims(row.given, reading: input) }
            #expect(message == row.expected)
        }
    }
}
