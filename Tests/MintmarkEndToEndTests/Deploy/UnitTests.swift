import Foundation
import Testing

/// `Tools/deploy/mintmarkd.service`: what it keeps out, and that the real program runs under it.
@Suite("The systemd unit", .enabled(if: ServiceUnit.hasAnalyzer, "there is no systemd-analyze on this machine"))
struct UnitTests {
    private let unit: ServiceUnit

    init() throws {
        unit = try ServiceUnit()
    }

    @Test func exposureIsLow() throws {
        let result = try run(
            ServiceUnit.analyzer,
            ["security", "--offline=true", "--no-pager", "--threshold=15", ServiceUnit.path]
        )
        #expect(result.exitCode == 0, "more than 1.5: \(result)")
        #expect(result.output.contains("Overall exposure level for mintmarkd.service:"))
    }

    /// With it, every peer on the Unix socket looks like user 65534.
    @Test func usersAreSeenAsTheyAre() {
        #expect(unit.values("PrivateUsers").isEmpty)
    }

    /// What this systemd has to say of the file: nothing, but that the program and its manual are not installed here.
    @Test func everyLineIsUnderstood() throws {
        let result = try run(ServiceUnit.analyzer, ["verify", "--man=no", "--recursive-errors=no", ServiceUnit.path])
        let complaints = result.errors.split(separator: "\n").filter {
            !$0.contains("/usr/bin/mintmarkd is not executable")
        }
        #expect(complaints.isEmpty)
    }

    /// What a start can do nothing about keeps it from trying again.
    @Test func faultsThatStayAreNotTriedAgain() throws {
        let help = try run(BuiltProducts.mintmarkd, ["--help"]).output.split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
        #expect(help.contains("2 wrong usage, or a configuration with faults"))
        #expect(help.contains("4 what is kept in the data directory cannot be used as it is"))
        #expect(unit.value("RestartPreventExitStatus") == "2 4")
        #expect(unit.value("Restart") == "on-failure")
    }

    /// The stop that the daemon allows itself: its drain, and a minute for a last snapshot (`Daemon.serve`).
    @Test func aStopHasTheTimeThatItMayTake() {
        #expect(unit.value("TimeoutStopSec") == "90s")
    }

    /// Draining belongs to SIGTERM alone, which systemd sends by itself.
    @Test func aStopIsTheSignalAlone() {
        #expect(unit.values("ExecStop").isEmpty && unit.values("KillSignal").isEmpty)
    }

    @Test func theFilterLetsThroughWhatItSays() throws {
        let calls = try unit.systemCalls()
        #expect(calls.isSuperset(of: ["read", "epoll_wait", "fdatasync", "setpriority", "mlock", "pipe2"]))
        #expect(calls.isDisjoint(with: ["ptrace", "mount", "setuid", "bpf", "io_uring_setup", "keyctl", "reboot", ""]))
    }

    /// A whole life under the unit's filter of system calls, with its rules for memory and sockets: a call that is not let
    /// through kills the process.
    @Test(.enabled(if: SystemCallJail.isAvailable, "there is no python3-seccomp on this machine"))
    func theProgramLivesUnderItsFilter() throws {
        let jail = try SystemCallJail(unit)
        let daemon = try DaemonProcess(
            arguments: ["--snapshot-interval", "100ms"],
            configuration: "audit_file: \(jail.file("audit.jsonl"))\n",
            launcher: jail.launcher
        )
        try Self.liveALife(with: daemon)
        #expect(daemon.stop() == 0, "\(daemon.logText)")
    }

    @Test(.enabled(if: SystemCallJail.isAvailable, "there is no python3-seccomp on this machine"))
    func theProgramSpeaksTLSUnderItsFilter() throws {
        let jail = try SystemCallJail(unit)
        let certificates = try DevCertificates()
        let daemon = try DaemonProcess(configuration: certificates.yaml, launcher: jail.launcher)
        let ping = try run(BuiltProducts.mintmark, ["ping", "--timeout", "20"] + certificates.options(daemon))
        #expect(ping.exitCode == 0, "\(ping)")
        #expect(daemon.stop() == 0, "\(daemon.logText)")
    }

    /// The jail is one: what the unit does not let through ends a process.
    @Test(.enabled(if: SystemCallJail.isAvailable, "there is no python3-seccomp on this machine"))
    func whatTheFilterRefusesEndsAProcess() throws {
        let jail = try SystemCallJail(unit)
        func outcome(_ words: String...) throws -> Int32 {
            try run(URL(fileURLWithPath: jail.launcher[0]), jail.launcher.dropFirst() + words).exitCode
        }
        #expect(try outcome("/bin/true") == 0)
        // SIGSYS, as a shell or a parent sees it.
        #expect(try [31, 128 + 31].contains(outcome("/usr/bin/unshare", "--mount", "/bin/true")))
        let writableCode = "import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)"
        #expect(try [31, 128 + 31].contains(outcome("/usr/bin/python3", "-c", writableCode)))
        let packets = "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)"
        #expect(try [31, 128 + 31].contains(outcome("/usr/bin/python3", "-c", packets)))
    }

    /// As under the unit: a user without rights, whose credentials and variables the daemon still knows when its own files
    /// below /proc belong to root.
    @Test(.enabled(if: geteuid() == 0, "only root can start a daemon for another user"))
    func anotherUserHasItsCredentials() throws {
        let place = try DaemonProcess.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: place) }
        try Data(0..<32).write(to: URL(fileURLWithPath: "\(place)/master.key"))
        try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: "\(place)/master.key")
        let configuration = "sessions: {master_key_file: credential:master.key}\n"
        let user = "4000001"
        // The file of the configuration is written when the daemon is made, by root, and may be read by anybody.
        #expect(try run(URL(fileURLWithPath: "/bin/chown"), ["-R", user, place]).exitCode == 0)
        let daemon = try DaemonProcess(
            configuration: configuration,
            environment: ["CREDENTIALS_DIRECTORY": place, "MINTMARK_ISSUER": "https://auth.example"],
            directory: place,
            launcher: ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups"]
        )
        daemon.signal(SIGHUP)
        #expect(daemon.waitForLog("reload"))
        // A reload that had lost the issuer would have been refused.
        #expect(!daemon.logText.contains("not reloaded"), "\(daemon.logText)")
        #expect(daemon.stop() == 0)
    }

    private static func liveALife(with daemon: DaemonProcess) throws {
        let opened = try daemon.mintmark("open", "--subject", "alice", "--audience", "orders")
        let refreshToken = try #require(try opened.text("refresh_token"))
        let refreshed = try daemon.mintmark("refresh", "-", input: refreshToken)
        let accessToken = try #require(try refreshed.text("access_token"))
        #expect(try daemon.mintmark("verify", "-", "--audience", "orders", input: accessToken).exitCode == 0)
        let overTCP = try run(BuiltProducts.mintmark, ["ping", "--server", daemon.tcpAddress])
        #expect(overTCP.exitCode == 0, "\(overTCP)")
        for command in [["keys", "prepare"], ["snapshot"], ["stats"], ["revoke", "--subject", "alice"]] {
            let result = try run(BuiltProducts.mintmark, command + ["--unix", daemon.unixPath])
            #expect(result.exitCode == 0, "\(command): \(result)")
        }
        daemon.signal(SIGHUP)
        #expect(daemon.waitForLog("reload"))
    }
}
