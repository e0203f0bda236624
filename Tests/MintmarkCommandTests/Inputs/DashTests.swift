import Testing

@testable import MintmarkCommand

/// Ids in base64url may begin with a dash, and are no options then.
@Suite struct DashTests {
    private static let nowhere = ["--unix", "/nonexistent/socket", "--timeout", "0.1"]

    private static func keyID(_ start: String, length: Int = 43) -> String {
        start + String(repeating: "h", count: length - start.count)
    }

    @Test(arguments: ["-", "--", "-h", "-_", "k"], ["activate", "revoke"])
    func keyIDs(start: String, command: String) async throws {
        for arguments in [[Self.keyID(start)] + Self.nowhere, Self.nowhere + [Self.keyID(start)]] {
            let completion = try await complete(["keys", command] + arguments)
            #expect(completion.exitStatus == .unreachable, "\(completion)")
        }
    }

    /// What is shorter or longer, or of other characters, is an option still.
    @Test(arguments: [keyID("-h", length: 42), keyID("-h", length: 44), keyID("-=")])
    func options(argument: String) async throws {
        let arguments = ["keys", "revoke", argument]
        #expect(KeyIDArguments.ordered(arguments) == arguments)
    }

    @Test func othersAreLeftAsTheyAre() {
        for arguments in [["keys", "revoke", "--", Self.keyID("-")], ["verify", Self.keyID("-")], []] {
            #expect(KeyIDArguments.ordered(arguments) == arguments)
        }
    }

    @Test func sessionIDs() async throws {
        let completion = try await complete(["revoke", "--session-id", "-AAAAAAAAAAAAAAAAAAAAA"] + Self.nowhere)
        #expect(completion.exitStatus == .unreachable, "\(completion)")
    }
}
