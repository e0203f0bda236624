import Foundation
import Testing

/// What `Tools/deploy/README.md` says of backups: copies of a daemon that stands still, restored, with and without their key.
@Suite("Backup and restore") struct BackupTests {
    private let place: TemporaryHome
    private let masterKey: String
    private let configuration: String

    init() throws {
        place = try TemporaryHome()
        masterKey = place.file("master.key")
        configuration = "sessions: {master_key_file: \(masterKey)}\n" + DaemonProcess.patientClient
        try Data(0..<32).write(to: URL(fileURLWithPath: masterKey))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: masterKey)
    }

    private func start(_ arguments: String...) throws -> DaemonProcess {
        try DaemonProcess(arguments: arguments, configuration: configuration, directory: place.path)
    }

    private func copy(_ from: String, _ to: String) throws {
        let result = try run(URL(fileURLWithPath: "/bin/cp"), ["--archive", place.file(from), place.file(to)])
        try #require(result.exitCode == 0, "\(result)")
    }

    private func restore() throws {
        try FileManager.default.removeItem(atPath: place.file("data"))
        try copy("backup", "data")
    }

    private func open(_ daemon: DaemonProcess, _ subject: String) throws -> String {
        try #require(try daemon.mintmark("open", "--subject", subject, "--audience", "orders").text("refresh_token"))
    }

    private func refresh(_ daemon: DaemonProcess, _ token: String) throws -> ProcessResult {
        try daemon.mintmark("refresh", "-", input: token)
    }

    @Test(arguments: ["always", "interval:1h", "snapshot"])
    func aCopyOfAStoppedDaemonIsWhole(durability: String) throws {
        let first = try start("--durability", durability)
        let token = try open(first, "alice")
        let jwks = try first.mintmark("keys", "export").output
        #expect(first.stop() == 0)
        try copy("data", "backup")
        let check = try run(BuiltProducts.mintmarkd, ["check", place.file("backup"), "--master-key", masterKey])
        #expect(check.exitCode == 0, "\(check)")

        try restore()
        let second = try start("--durability", durability)
        #expect(try refresh(second, token).exitCode == 0)
        #expect(try second.mintmark("keys", "export").output == jwks)
        #expect(second.stop() == 0)
    }

    /// The table of what a restored server does not know.
    @Test func whatCameAfterTheCopyIsForgotten() throws {
        var daemon = try start()
        let alice = try open(daemon, "alice")
        let bob = try open(daemon, "bob")
        #expect(daemon.stop() == 0)
        try copy("data", "backup")

        daemon = try start()
        let carol = try open(daemon, "carol")
        var latest = alice
        for _ in 0..<3 {
            latest = try #require(try refresh(daemon, latest).text("refresh_token"))
        }
        #expect(try daemon.mintmark("revoke", "--subject", "bob").exitCode == 0)
        #expect(try refresh(daemon, bob).exitCode == 1)
        #expect(daemon.stop() == 0)

        try restore()
        daemon = try start()
        #expect(try refresh(daemon, carol).text("error_code") == "UNKNOWN")
        #expect(try refresh(daemon, latest).exitCode == 0)
        // Undone, until it is revoked again.
        #expect(try refresh(daemon, bob).exitCode == 0)
        #expect(try daemon.mintmark("revoke", "--all").exitCode == 0)
        #expect(try refresh(daemon, bob).exitCode == 1)
    }

    @Test func withoutItsKeyACopyIsClosed() throws {
        let daemon = try start()
        _ = try open(daemon, "alice")
        #expect(daemon.stop() == 0)
        try copy("data", "backup")
        try Data(1...32).write(to: URL(fileURLWithPath: masterKey))
        let check = try run(BuiltProducts.mintmarkd, ["check", place.file("backup"), "--master-key", masterKey])
        #expect(check.exitCode == 4, "\(check)")
        let arguments = try DaemonProcess.arguments(in: place.path, configuration, [])
        #expect(try run(BuiltProducts.mintmarkd, arguments).exitCode == 4)
    }
}
