import Testing

@testable import MintmarkClient
@testable import MintmarkCommand

@Suite("What the server says of a refusal")
struct ServerMessageTests {
    private static let ttl = "access_token_ttl_seconds"
    private static let sentence = "the access token shall live longer than the policy allows"

    @Test(
        "people read of the server's message what other words do not say already",
        arguments: [
            Row("nothing", Said(""), ""),
            Row("the sentence", Said(sentence), ""),
            Row("sentence and field", Said("\(sentence) (\(ttl))", of: ttl), " (\(ttl))"),
            Row("numbers", Said("\(sentence) (301, not in 1...300)"), " (301, not in 1...300)"),
            Row(
                "numbers of a field",
                Said("\(sentence) (\(ttl): 301, not in 1...300)", of: ttl),
                " (\(ttl): 301, not in 1...300)"
            ),
            Row("words and a field", Said("ask for less", of: ttl), " (\(ttl): ask for less)"),
            Row("words of its own", Said("ask for less"), " (ask for less)"),
            Row("what steers terminals", Said("a\u{1B}[31m\nb"), #" (a\u{1B}[31m\nb)"#),
        ]
    )
    func details(row: Row<Said, String>) {
        let error = MintmarkError(.server, row.given.message, status: .ttlTooLong, field: row.given.field)
        #expect(Failure(error).text == "TTL_TOO_LONG: \(Self.sentence)\(row.expected)")
    }

    /// A message, and the field at fault.
    struct Said: Sendable {
        let message: String
        let field: String?

        init(_ message: String, of field: String? = nil) {
            self.message = message
            self.field = field
        }
    }
}
