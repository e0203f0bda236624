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
            part: "cannot listen on 192.0.2.1:7420: Cannot assign requested address; no interface of this machine has "
                + "it: choose one that it has",
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
            part: "the audit log (audit_file) cannot be written: /nowhere/audit: the directory /nowhere is missing",
            configuration: "audit_file: /nowhere/audit\n"
        ),
        Case(
            testDescription: "ready file nowhere",
            code: 9,
            part: "No such file or directory; name one where this user may write",
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
        let kept = try Self.sizes(in: home.file("data"))
        // As few descriptors as do for every other case.
        let result = try run(
            URL(fileURLWithPath: "/bin/bash"),
            ["-c", "ulimit -n 256; exec \"$0\" \"$@\"", BuiltProducts.mintmarkd.path] + arguments,
            environment: ["MINTMARK_LOG_FORMAT": "json"]
        )
        #expect(result.exitCode == fault.code, "\(result)")
        if fault.testDescription == "unknown flag" {
            // Told by the parser of arguments, with the usage.
            #expect(result.errors.contains(fault.part), "\(result)")
        } else {
            try Self.expectOneCriticalLine(of: result, fault)
        }
        if fault.code > 1, fault.code != 9 {
            #expect(try Self.sizes(in: home.file("data")) == kept, "a start that is refused changes nothing")
        }
        #expect(!FileManager.default.fileExists(atPath: home.file("ready.json")))
        #expect(!FileManager.default.fileExists(atPath: home.file("socket")))
    }

    /// Of the files, by their names.
    private static func sizes(in directory: String) throws -> [String: Int] {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        let sizes = try names.map { name in
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
            return (name, attributes[.size] as? Int ?? 0)
        }
        return Dictionary(uniqueKeysWithValues: sizes)
    }

    /// An object on each line; the log comes before the fault.
    private static func expectOneCriticalLine(of result: ProcessResult, _ fault: Case) throws {
        let objects = try result.errors.split(separator: "\n").map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(result)")
        }
        #expect(objects.count { $0["level"] as? String == "critical" } == 1, "\(result)")
        #expect(!objects.contains { $0["level"] as? String == "error" }, "\(result)")
        let last = try #require(objects.last)
        #expect(last["level"] as? String == "critical")
        #expect((last["message"] as? String)?.contains(fault.part) == true, "\(result)")
        #expect(last["time"] is String && last["source"] as? String == "MintmarkServer")
        #expect((last["metadata"] as? [String: Any])?["exit_code"] as? Int32 == fault.code)
    }

    /// Where nobody sits at a terminal each fault of a configuration has a line; who checks one reads text.
    @Test func everyFaultHasALineWhereTheLogIsJSON() throws {
        let home = try TemporaryHome()
        let text = "threads: 0\nissuer: ''\nnonsense: 1\n"
        let arguments = try DaemonProcess.arguments(in: home.path, text, [])
        let result = try run(BuiltProducts.mintmarkd, arguments, environment: ["MINTMARK_LOG_FORMAT": "auto"])
        #expect(result.exitCode == 2)
        let messages = try result.errors.split(separator: "\n").map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])["message"] as? String
        }
        #expect(messages.count == 3)
        for place in ["1:10", "2:9", "3:1"] {
            #expect(messages.contains { $0?.contains("mintmark.yaml:\(place): ") == true }, "\(messages)")
        }
        let check = try run(BuiltProducts.mintmarkd, arguments + ["--check-config"])
        #expect(check.errors.hasPrefix("mintmarkd: the configuration has faults:\n"), "\(check)")
    }

    /// The help tells every code, and every code of the help is provoked here, but for 0, which every other test ends with.
    @Test func theHelpTellsEveryCode() throws {
        let help = try run(BuiltProducts.mintmarkd, ["--help"])
        let told = help.output.matches(of: /\n  +(\d+)  [a-z]/).compactMap { Int32($0.1) }
        #expect(told == Array(0...9))
        #expect(Set(Self.cases.map(\.code)) == Set(told).subtracting([0]))
    }
}
