import Foundation
import Testing

/// Secrets never come from arguments, which every process of the machine can read.
@Suite struct ArgumentTests {
    private static let programs = [BuiltProducts.mintmarkd, BuiltProducts.mintmark, BuiltProducts.mintmarkBench]

    /// What a program and all its subcommands say of themselves.
    private static func helps(_ program: URL, _ command: [String] = []) throws -> [String] {
        let help = try run(program, command + ["--help"])
        try #require(help.exitCode == 0, "\(command): \(help)")
        let names = help.output.matches(of: #/(?m)^  ([a-z][a-z-]*)  /#).map { String($0.output.1) }
        let subcommands = help.output.contains("\nSUBCOMMANDS:\n") ? names : []
        return try subcommands.reduce(into: [help.output]) { $0 += try helps(program, command + [$1]) }
    }

    /// Flags that name something secret take the path of a file, or are no secret themselves.
    @Test func noFlagTakesASecret() throws {
        var flags: Set<String> = []
        for program in Self.programs {
            for help in try Self.helps(program) {
                flags.formUnion(help.matches(of: /--[a-z-]+(?:[ =]<[a-z:|-]+>)?/).map { String($0.output) })
            }
        }
        // One of a subcommand's subcommand, of each program that has such, and of the load tool.
        #expect(flags.isSuperset(of: ["--immediately", "--salvage", "--slo <expression>"]), "\(flags.sorted())")
        let secretWords = ["key", "passphrase", "password", "secret", "token", "master"]
        let suspicious = flags.filter { flag in secretWords.contains { flag.contains($0) } }
        for flag in suspicious {
            let value = flag.split(whereSeparator: { " =".contains($0) }).dropFirst().first.map(String.init)
            #expect(value == nil || ["<file>", "<path>", "<kid>", "<count>", "<choice>"].contains(value), "\(flag)")
        }
        #expect(suspicious.contains { $0.hasPrefix("--key") }, "a client's private key is given as a file")
    }
}
