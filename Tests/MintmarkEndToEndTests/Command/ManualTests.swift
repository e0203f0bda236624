import Foundation
import Testing

/// The manual pages and completions that `Tools/manuals` makes of the programs.
@Suite struct ManualTests {
    private static let mandoc = URL(fileURLWithPath: "/usr/bin/mandoc")
    private static let bash = URL(fileURLWithPath: "/bin/bash")

    private let home: TemporaryHome

    init() throws {
        home = try TemporaryHome()
        let result = try run(
            BuiltProducts.repository.appendingPathComponent("Tools/manuals"),
            [home.path, "--bin", BuiltProducts.directory.path]
        )
        try #require(result.exitCode == 0, "\(result)")
    }

    private func page(_ path: String) throws -> String {
        try String(contentsOfFile: home.file("man/\(path)"), encoding: .utf8)
    }

    @Test func everyProgramHasItsPage() throws {
        let mintmark = try page("man1/mintmark.1")
        for command in ["sign", "verify", "keys import", "top", "client-key new"] {
            #expect(mintmark.contains(".Ss mintmark \(command)\n"), "\(command)")
        }
        #expect(try page("man1/mintmark-bench.1").contains(".Ss mintmark-bench peak\n"))
        let daemon = try page("man8/mintmarkd.8")
        #expect(daemon.contains(".Ss mintmarkd check\n") && daemon.contains("9  the ready file cannot be written"))
        #expect(daemon.contains(".It Fl -print-config\n"))
    }

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: mandoc.path)),
        arguments: ["man1/mintmark.1", "man1/mintmark-bench.1", "man8/mintmarkd.8"]
    )
    func mandocFindsNothing(path: String) throws {
        let result = try run(Self.mandoc, ["-T", "lint", "-W", "style", home.file("man/\(path)")])
        // The pages name each other, and are not installed here.
        let findings = result.output.split(separator: "\n").filter { !$0.contains("referenced manual not found") }
        #expect(findings.isEmpty && result.errors.isEmpty, "\(findings.prefix(9))")
    }

    @Test(arguments: [
        ("mintmark", "mintmark st", "stats"), ("mintmark", "mintmark stats --a", "--all-counters"),
        ("mintmarkd", "mintmarkd --check-c", "--check-config"), ("mintmark-bench", "mintmark-bench pe", "peak"),
    ])
    func bashCompletes(program: String, typed: String, completion: String) throws {
        let words = typed.split(separator: " ")
        let script = """
            source '\(home.file("completions/bash/\(program)"))'
            function_name=$(complete -p \(program) | sed 's/.*-F \\([^ ]*\\).*/\\1/')
            COMP_WORDS=(\(typed)); COMP_CWORD=\(words.count - 1); COMP_LINE='\(typed)'; COMP_POINT=${#COMP_LINE}
            $function_name \(program) '\(words.last ?? "")' '\(words[words.count - 2])'
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let result = try run(Self.bash, ["-c", script])
        let replies = result.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(replies == [completion], "\(result)")
    }

    @Test(arguments: [("/usr/bin/zsh", "zsh/_mintmark"), ("/usr/bin/fish", "fish/mintmark.fish")])
    func otherShellsReadTheirs(shell: String, path: String) throws {
        guard FileManager.default.isExecutableFile(atPath: shell) else { return }
        let result = try run(URL(fileURLWithPath: shell), ["-n", home.file("completions/\(path)")])
        #expect(result.exitCode == 0, "\(result)")
    }

    /// The daemon's examples are what it says they are.
    @Test func examplesOfTheDaemonWork() throws {
        try home.write("issuer: a\n", to: "mintmark.yaml")
        let help = try run(BuiltProducts.mintmarkd, ["--help"]).output
        let examples = help.split(separator: "\n").filter { $0.hasPrefix("  mintmarkd ") }
        #expect(examples.count == 3)
        for example in examples {
            var words = example.split(separator: " ").dropFirst().map(String.init)
            words = words.map {
                $0.replacing("/etc/mintmark", with: home.path).replacing("./mintmark", with: home.path)
            }
            if !words.contains("--print-config") { words.append("--check-config") }
            let result = try run(BuiltProducts.mintmarkd, words)
            #expect(result.exitCode == 0, "\(words): \(result)")
        }
        let daemon = try DaemonProcess()
        #expect(daemon.stop() == 0)
        for command in ["check", "rekey"] {
            let help = try run(BuiltProducts.mintmarkd, [command, "--help"]).output.replacing(" \\\n", with: "")
            let examples = help.split(separator: "\n").filter { $0.hasPrefix("  mintmarkd \(command) ") }
            #expect(!examples.isEmpty)
            for example in examples where !example.contains("/etc/") {
                let words = example.split(separator: " ").dropFirst().map(String.init)
                let own = words.map { $0.replacing("/var/lib/mintmark", with: daemon.dataDirectory) }
                let result = try run(BuiltProducts.mintmarkd, own)
                #expect(result.exitCode == 0, "\(own): \(result)")
            }
        }
    }
}
