import Foundation
import Testing

/// What the daemon does not start with, and what it says then.
@Suite struct RefusedStartTests {
    private let directory: TemporaryHome

    init() throws {
        directory = try TemporaryHome()
    }

    /// Runs a daemon that should end by itself.
    private func start(
        _ arguments: [String] = [],
        configuration: String? = nil,
        environment: [String: String] = [:],
        in directory: String? = nil
    ) throws -> ProcessResult {
        let arguments = try DaemonProcess.arguments(in: directory ?? self.directory.path, configuration, arguments)
        let variables = ["MINTMARK_LOG_FORMAT": "text"].merging(environment) { $1 }
        let result = try run(BuiltProducts.mintmarkd, arguments, environment: variables)
        #expect(!result.errors.contains("[MintmarkServer] ready"))
        #expect(!result.errors.contains("PRIVATE KEY"))
        return result
    }

    @Test func checkedConfigurationIsValid() throws {
        let yaml = "issuer: https://auth.example\nclients: {local: {rotation: {after: 24h}}}\n"
        let result = try start(["--check-config"], configuration: yaml)
        #expect(result.exitCode == 0)
        let lines = result.output.split(separator: "\n")
        #expect(lines.first == "The configuration is valid. Files and addresses that it names were not tried.")
        #expect(lines.last == "Warning: no audit log is kept; audit_file names one.")
        #expect(lines.count == 3, "the other warning is of everybody's being the client 'local'")
        #expect(!FileManager.default.fileExists(atPath: directory.file("data")))
    }

    @Test(arguments: [
        ("issuer: [a]\n", "1:9", "issuer"),
        ("threads: 2\nthreds: 2\n", "2:1", "did you mean 'threads'?"),
        ("clients:\n  local:\n    rotation: sometimes\n", "3:15", "expected always, never"),
        ("clients: {local: {idle: 2h, absolute: 1h}}\n", "1:25", "longer than absolute"),
        ("clients: {local: {grace: {window: 1h}}}\n", "1:35", "a tenth of access_token_ttl"),
        ("insecure_listeners: perhaps\n", "1:21", "expected one of refuse, allow"),
        ("a: b: c\n", "1:5", "not YAML"),
    ])
    func faultOfAFileIsReportedWithItsPlace(yaml: String, place: String, words: String) throws {
        for flags in [["--check-config"], []] {
            let result = try start(flags, configuration: yaml)
            #expect(result.exitCode == 2)
            #expect(result.errors.contains("\(directory.file("mintmark.yaml")):\(place): "), "\(result.errors)")
            #expect(result.errors.contains(words), "\(result.errors)")
            #expect(result.output.isEmpty)
        }
    }

    @Test func everyFaultIsReportedAtOnce() throws {
        let result = try start(["--check-config"], configuration: "threads: 0\nissuer: ''\nnonsense: 1\n")
        #expect(result.exitCode == 2)
        for place in ["1:10", "2:9", "3:1"] {
            #expect(result.errors.contains("mintmark.yaml:\(place): "), "\(result.errors)")
        }
    }

    @Test(arguments: [
        (["MINTMARK_THREDS": "2"], "MINTMARK_THREDS"),
        (["MINTMARK_THREADS": "none"], "MINTMARK_THREADS"),
    ])
    func variableThatSetsNothingIsRefused(environment: [String: String], name: String) throws {
        let result = try start(environment: environment)
        #expect(result.exitCode == 2)
        #expect(result.errors.contains("environment variable \(name)"), "\(result.errors)")
    }

    @Test(arguments: [["--nonsense"], ["--threads", "0"], ["--threads"], ["argument"], ["--config", "/nonexistent"]])
    func wrongFlagIsRefused(flags: [String]) throws {
        let result = try run(BuiltProducts.mintmarkd, flags + ["--check-config"])
        #expect(result.exitCode == 2)
        #expect(!result.errors.isEmpty)
        #expect(result.output.isEmpty)
    }

    @Test func helpAndVersionAreNoErrors() throws {
        let help = try run(BuiltProducts.mintmarkd, ["--help"])
        #expect(help.exitCode == 0)
        #expect(help.output.contains("--check-config"))
        let version = try run(BuiltProducts.mintmarkd, ["--version"])
        #expect(version.exitCode == 0)
        #expect(version.output.hasPrefix("mintmarkd/"))
    }

    @Test func secondDaemonOnTheSameDirectoryIsRefused() throws {
        let first = try DaemonProcess()
        let result = try start(["--data-dir", first.dataDirectory, "--unix", directory.file("other")])
        #expect(result.exitCode == 5)
        let fault = "\(first.dataDirectory) is in use by another mintmarkd, process \(first.ready.pid); stop it first, "
        #expect(result.errors.contains(fault), "\(result.errors)")
        #expect(try first.mintmark("ping").exitCode == 0)
    }

    @Test(arguments: [("signing-key.pem", 0o644), ("master.key", 0o640)])
    func keyThatOthersCanReadIsRefusedWithTheCommandThatMendsIt(file: String, mode: Int) throws {
        let daemon = try DaemonProcess(directory: directory.path)
        #expect(daemon.stop() == 0)
        let path = "\(daemon.dataDirectory)/\(file)"
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        let result = try start()
        #expect(result.exitCode == 6)
        #expect(result.errors.contains("run: chmod 600 \(path)"), "\(result.errors)")
        // And that it does.
        let command = try #require(result.errors.firstMatch(of: /run: (.*)\n/)).1
        #expect(try run(URL(fileURLWithPath: "/bin/sh"), ["-c", String(command)]).exitCode == 0)
        #expect(try DaemonProcess(directory: directory.path).stop() == 0)
    }

    /// Files and directories of somebody else hold nobody's keys: whoever owns one can read and replace it. Only root can
    /// give one away.
    @Test(.enabled(if: geteuid() == 0), arguments: ["signing-key.pem", "master.key", "keys", "."])
    func whatBelongsToAnotherUserIsRefusedWithTheCommandThatMendsIt(name: String) throws {
        let daemon = try DaemonProcess(directory: directory.path)
        #expect(daemon.stop() == 0)
        let path = name == "." ? daemon.dataDirectory : "\(daemon.dataDirectory)/\(name)"
        try #require(chown(path, 12_345, 12_345) == 0)
        let result = try start()
        #expect(result.exitCode == (name == "." ? 5 : 6))
        #expect(result.errors.contains("\(path) belongs to uid 12345"), "\(result.errors)")
        let command = try #require(result.errors.firstMatch(of: /(chown .*)\n/)).1
        #expect(try run(URL(fileURLWithPath: "/bin/sh"), ["-c", String(command)]).exitCode == 0)
        #expect(try DaemonProcess(directory: directory.path).stop() == 0)
    }

    /// What is in the directory of keys, and the directory itself.
    @Test(arguments: [("keys", 0o750, "chmod 700"), ("keys/next.pem", 0o640, "chmod 600")])
    func keyDirectoryThatOthersReadIsRefusedWithTheCommandThatMendsIt(name: String, mode: Int, command: String) throws {
        let daemon = try DaemonProcess(directory: directory.path)
        let made = try daemon.mintmark("keys", "prepare")
        let keyID = try #require(try made.text("key_id"), "\(made)")
        #expect(daemon.stop() == 0)
        let keys = "\(daemon.dataDirectory)/keys"
        try FileManager.default.moveItem(atPath: "\(keys)/signing-\(keyID).pem", toPath: "\(keys)/next.pem")
        let path = "\(daemon.dataDirectory)/\(name)"
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        let result = try start()
        #expect(result.exitCode == 6)
        #expect(result.errors.contains("run: \(command) \(path)"), "\(result.errors)")
    }

    @Test func dataDirectoryThatOthersCanReadIsRefusedWithTheCommandThatMendsIt() throws {
        let path = directory.file("data")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        let result = try start()
        #expect(result.exitCode == 5)
        #expect(result.errors.contains("run: chmod 700 \(path)"), "\(result.errors)")
    }

    @Test func portInUseIsNamed() throws {
        let first = try DaemonProcess()
        let result = try start(["--listen", first.tcpAddress])
        #expect(result.exitCode == 3)
        #expect(result.errors.contains("cannot listen on \(first.tcpAddress)"), "\(result.errors)")
        #expect(result.errors.contains("in use"), "\(result.errors)")
        // What it had made before it failed is gone.
        #expect(!FileManager.default.fileExists(atPath: directory.file("socket")))
        #expect(!FileManager.default.fileExists(atPath: directory.file("ready.json")))
    }

    /// Keys are made by a start that serves.
    @Test func firstStartThatCannotListenMakesNothing() throws {
        let first = try DaemonProcess(arguments: ["--admin", "127.0.0.1:0"])
        let places = [
            ["--listen", first.tcpAddress], ["--admin", try #require(first.ready.admin)], ["--unix", first.unixPath],
        ]
        for arguments in places {
            let result = try start(arguments)
            #expect(result.exitCode == 3)
            #expect(!FileManager.default.fileExists(atPath: directory.file("data")), "\(arguments)")
        }
        // A service manager makes the directory.
        try FileManager.default.createDirectory(
            atPath: directory.file("data"),
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        for arguments in places {
            #expect(try start(arguments).exitCode == 3)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("data")) == [], "\(arguments)")
        }
    }

    @Test func socketOfALivingDaemonIsLeftAlone() throws {
        let first = try DaemonProcess()
        let result = try start(["--unix", first.unixPath])
        #expect(result.exitCode == 3)
        #expect(result.errors.contains("another process is listening there, or"), "\(result.errors)")
        #expect(try first.mintmark("ping").exitCode == 0)
    }

    /// Found out before a store is made.
    @Test func socketWhoseDirectoryCannotBeMadeLeavesNothingBehind() throws {
        let result = try start(["--unix", directory.file("nowhere/deeper/socket")])
        #expect(result.exitCode == 3)
        #expect(result.errors.contains("make the directories above it"), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: directory.file("data")))
    }

    @Test func fileThatIsNoSocketIsLeftAlone() throws {
        try directory.write("precious", to: "socket")
        let result = try start()
        #expect(result.exitCode == 3)
        #expect(
            result.errors.contains("\(directory.file("socket")): what is there is not a socket"),
            "\(result.errors)"
        )
        #expect(try String(contentsOfFile: directory.file("socket"), encoding: .utf8) == "precious")
    }

    @Test func readyFileThatCannotBeWrittenIsNamed() throws {
        let result = try start(["--ready-file", directory.file("nowhere/ready.json")])
        #expect(result.exitCode == 9)
        #expect(result.errors.contains("nowhere/ready.json"), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: directory.file("socket")))
    }
}
