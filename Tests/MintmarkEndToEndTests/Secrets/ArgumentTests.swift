import Foundation
import Testing

/// Secrets never come from arguments, which every process of the machine can read.
@Suite struct ArgumentTests {
    private static let programs: [(URL, [[String]])] = [
        (BuiltProducts.mintmarkd, [[], ["check"], ["rekey"]]),
        (
            BuiltProducts.mintmark,
            [
                [], ["ping"], ["sign"], ["verify"], ["open"], ["refresh"], ["revoke"], ["introspect"],
                ["force-rotation"], ["snapshot"], ["stats"], ["keys"], ["client-key"], ["client-key", "new"],
            ]
        ),
    ]

    /// Flags that name something secret take the path of a file, or are no secret themselves.
    @Test func noFlagTakesASecret() throws {
        var flags: Set<String> = []
        for (program, commands) in Self.programs {
            for command in commands {
                let help = try run(program, command + ["--help"])
                try #require(help.exitCode == 0, "\(command): \(help)")
                flags.formUnion(help.output.matches(of: /--[a-z-]+(?:[ =]<[a-z:|-]+>)?/).map { String($0.output) })
            }
        }
        #expect(flags.count > 30)
        let secretWords = ["key", "passphrase", "password", "secret", "token", "master"]
        let suspicious = flags.filter { flag in secretWords.contains { flag.contains($0) } }
        for flag in suspicious {
            let value = flag.split(whereSeparator: { " =".contains($0) }).dropFirst().first.map(String.init)
            #expect(value == nil || ["<file>", "<path>", "<kid>"].contains(value), "\(flag)")
        }
        #expect(suspicious.contains { $0.hasPrefix("--key") }, "a client's private key is given as a file")
    }
}
