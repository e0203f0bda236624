import ArgumentParser
import Foundation
import Testing

@testable import MintmarkCommand

/// What `Protocol/security.md` tells people to type is understood by the program.
@Suite("Commands in documents") struct DocumentTests {
    private static let commands: [String] = {
        let root = URL(fileURLWithPath: #filePath).pathComponents.prefix { $0 != "Tests" }.joined(separator: "/")
        let page = (try? String(contentsOfFile: "\(root)/Protocol/security.md", encoding: .utf8)) ?? ""
        return page.matches(of: /`(mintmark [^`]+)`/).map { String($0.1) }
    }()

    /// What stands for what an operator has.
    private static let values = ["SID": "00112233445566778899aabbccddeeff", "NAME": "web", "KID": "k1"]

    @Test func thereAreSome() {
        #expect(Self.commands.count >= 5)
    }

    @Test(arguments: commands)
    func commandIsUnderstood(command: String) async throws {
        let words = command.split(separator: " ").dropFirst().map { Self.values[String($0)] ?? String($0) }
        var parsed = try RootCommand.parseAsRoot(words)
        if let command = parsed as? any ServerCommand {
            try await withInput(Array("mmrt_\(String(repeating: "A", count: 60))\n".utf8)) { input in
                _ = try command.call(reading: input)
            }
        } else {
            try parsed.run()
        }
    }

    /// Everybody can read the arguments of every process.
    @Test(arguments: commands)
    func noTokenIsAmongTheArguments(command: String) {
        #expect(!command.contains("TOKEN"))
    }
}
