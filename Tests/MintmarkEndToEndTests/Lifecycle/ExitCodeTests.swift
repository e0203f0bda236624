import Foundation
import Testing

/// Every exit code of the real program, each provoked, and told in one line that says where and what to do.
@Suite struct ExitCodeTests {
    /// What goes wrong, the code it ends with, and what the line must hold.
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let code: Int32
        let part: String
        var arguments: [String] = []
        var configuration: String?
        /// Makes the fault in a directory that a daemon has used; its `data` and everything else of it.
        var prepare: @Sendable (TemporaryHome) throws -> Void = { _ in }
    }

    private static let cases = [
        Case(
            testDescription: "no descriptors for event loops",
            code: 1,
            part: "choose fewer threads, or raise the limit on open files",
            arguments: ["--threads", "256"]
        ),
        Case(
            testDescription: "unknown setting",
            code: 2,
            part: "did you mean 'threads'?",
            configuration: "threds: 1\n"
        ),
        Case(testDescription: "unknown flag", code: 2, part: "--nonsense", arguments: ["--nonsense"]),
        Case(
            testDescription: "address of nobody",
            code: 3,
            part:
                "cannot listen on 192.0.2.1:7420: Cannot assign requested address; no interface of this machine has it",
            arguments: ["--listen", "192.0.2.1:7420", "--insecure-listeners", "allow"]
        ),
        Case(testDescription: "no key for what is kept", code: 4, part: "put it back") { home in
            try FileManager.default.removeItem(atPath: home.file("data/master.key"))
        },
        Case(testDescription: "open directory", code: 5, part: "run: chmod 700 ") { home in
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: home.file("data"))
        },
        Case(testDescription: "open key", code: 6, part: "run: chmod 600 ") { home in
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o644],
                ofItemAtPath: home.file("data/master.key")
            )
        },
        Case(
            testDescription: "no certificate",
            code: 7,
            part: "the files of TLS (tls.certificate, tls.private_key, tls.client_ca) cannot be used: /nowhere/a",
            configuration: "tls: {listen: ['127.0.0.1:0'], certificate: /nowhere/a, private_key: /nowhere/b, "
                + "client_certificates: none}\n"
        ),
        Case(
            testDescription: "audit log nowhere",
            code: 8,
            part: "the audit log (audit_file) cannot be written: /nowhere/audit",
            configuration: "audit_file: /nowhere/audit\n"
        ),
        Case(
            testDescription: "ready file nowhere",
            code: 9,
            part: "the ready file (ready_file, --ready-file) cannot be",
            arguments: ["--ready-file", "/nowhere/ready"]
        ),
    ]

    @Test(arguments: cases)
    func aFailureEndsWithItsCodeAndALine(fault: Case) throws {
        let home = try TemporaryHome()
        let daemon = try DaemonProcess(directory: home.path)
        #expect(daemon.stop() == 0)
        try fault.prepare(home)
        let arguments = try DaemonProcess.arguments(in: home.path, fault.configuration, fault.arguments)
        // As few descriptors as do for every other case.
        let result = try run(
            URL(fileURLWithPath: "/bin/bash"),
            ["-c", "ulimit -n 256; exec \"$0\" \"$@\"", BuiltProducts.mintmarkd.path] + arguments,
            environment: ["MINTMARK_LOG_FORMAT": "json"]
        )
        #expect(result.exitCode == fault.code, "\(result)")
        // The log comes before it, an object on each line.
        let lines = result.errors.split(separator: "\n").filter { !$0.hasPrefix("{") }
        #expect(lines.contains { $0.contains(fault.part) }, "\(lines)")
        if fault.code != 2 {
            #expect(lines.count == 1 && lines[0].hasPrefix("mintmarkd: "), "\(lines)")
        }
        #expect(!FileManager.default.fileExists(atPath: home.file("ready.json")))
        #expect(!FileManager.default.fileExists(atPath: home.file("socket")))
    }

    /// The help tells every code, and every code of the help is provoked here, but for 0, which every other test ends with.
    @Test func theHelpTellsEveryCode() throws {
        let help = try run(BuiltProducts.mintmarkd, ["--help"])
        let told = help.output.matches(of: /\n  +(\d+)  [a-z]/).compactMap { Int32($0.1) }
        #expect(told == Array(0...9))
        #expect(Set(Self.cases.map(\.code)) == Set(told).subtracting([0]))
    }
}
