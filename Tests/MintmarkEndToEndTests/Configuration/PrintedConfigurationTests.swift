import Foundation
import Testing

/// What `--print-config` tells, and that it can be given back.
@Suite struct PrintedConfigurationTests {
    private let home: TemporaryHome

    init() throws {
        home = try TemporaryHome()
    }

    private func printed(_ arguments: [String], environment: [String: String] = [:]) throws -> ProcessResult {
        try run(
            BuiltProducts.mintmarkd,
            ["--data-dir", home.file("data")] + arguments,
            environment: environment
        )
    }

    @Test func itIsAFileThatSetsTheSame() throws {
        try home.write("issuer: https://a.example\nlimits: {connections: 77}\nlog: {level: debug}\n", to: "a.yaml")
        let first = try printed(
            ["--config", home.file("a.yaml"), "--threads", "3", "--print-config"],
            environment: ["MINTMARK_TOKENS_LEEWAY": "7s"]
        )
        #expect(first.exitCode == 0, "\(first)")
        for line in [
            "issuer: https://a.example  # \(home.file("a.yaml")):1:9", "threads: 3  # flag --threads",
            "  leeway: 7s  # environment variable MINTMARK_TOKENS_LEEWAY", "  frame_length: 64KiB  # default",
        ] {
            #expect(first.output.contains("\n\(line)\n"), "\(line) in \(first.output)")
        }
        try home.write(first.output, to: "b.yaml")
        #expect(try printed(["--config", home.file("b.yaml"), "--check-config"]).exitCode == 0)
        let again = try printed(["--config", home.file("b.yaml"), "--print-config"])
        func values(_ text: String) -> [Substring] {
            text.split(separator: "\n").map { $0.prefix(upTo: $0.firstRange(of: "  # ")?.lowerBound ?? $0.endIndex) }
        }
        #expect(values(again.output) == values(first.output))
        // And for programs.
        let json = try printed(["--config", home.file("a.yaml"), "--print-config-json"])
        let settings = try #require(try json.json["settings"] as? [[String: Any]])
        let connections = try #require(settings.first { $0["name"] as? String == "limits.connections" })
        #expect(connections["value"] as? String == "77" && connections["line"] as? Int == 2)
    }

    /// Secrets lie in files, which are named and never shown; where one stands by mistake it is not repeated.
    @Test func noSecretIsShown() throws {
        try home.write("Tr0ub4dor&3\n", to: "passphrase")
        try home.write("issuer: https://me:Tr0ub4dor&3@a.example\n", to: "url.yaml")
        let key = "-----BEGIN PRIVATE KEY-----\nTr0ub4dor3+/\n-----END PRIVATE KEY-----\n"
        try home.write(key, to: "key.pem")
        let runs = [
            ["--config", home.file("url.yaml")], ["--config", home.file("key.pem")],
            ["--config", home.file("passphrase")], [],
        ]
        for arguments in runs {
            for mode in [["--print-config"], ["--print-config-json"], ["--check-config"]] {
                let result = try printed(
                    arguments + mode,
                    environment: ["MINTMARK_TOKENS_SIGNING_KEY_PASSPHRASE_FILE": home.file("passphrase")]
                )
                #expect(result.exitCode == (arguments.isEmpty ? 0 : 2))
                #expect(!(result.output + result.errors).contains("Tr0ub"), "\(result)")
            }
        }
        // The name of a variable that is none is told, and its value is not.
        let result = try printed(["--print-config"], environment: ["MINTMARK_PASSPHRASE": "Tr0ub4dor&3"])
        #expect(result.exitCode == 2 && result.errors.contains("MINTMARK_PASSPHRASE"))
        #expect(!result.errors.contains("Tr0ub"))
    }
}
