import Foundation
import MintmarkClient
import MintmarkWire
import Testing

/// How the daemon starts, what it makes, and that it finds it again.
@Suite struct StartTests {
    private let directory: TemporaryHome

    init() throws {
        directory = try TemporaryHome()
    }

    @Test func startsWithoutAnyFlag() throws {
        // Listeners of its own only because the default ports may be taken on the machine that tests.
        let process = Process()
        process.executableURL = BuiltProducts.mintmarkd
        process.environment = [
            "HOME": directory.path, "PATH": "/usr/bin:/bin", "MINTMARK_LISTEN": "127.0.0.1:0",
            "MINTMARK_ADMIN_LISTEN": "127.0.0.1:0",
        ]
        let log = LogReader(try process.runWithPipes().errors)
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        try #require(log.waitForLine(containing: "\"ready\""), "\(log.text)")
        let state = "\(directory.path)/.local/state/mintmark"
        #expect(try mode(state) == 0o700)
        #expect(try mode("\(state)/signing-key.pem") == 0o600)
        #expect(try mode("\(state)/master.key") == 0o600)
        let made = Set(try FileManager.default.contentsOfDirectory(atPath: state))
        let store: Set<String> = ["journal-0000000001", "snapshot-0000000001", "manifest", "store.begun"]
        #expect(made == store.union(["signing-key.pem", "master.key", "keys", "keys.state"]))
        for file in store {
            #expect(try mode("\(state)/\(file)") == 0o600)
        }
        let address = try #require(log.text.firstMatch(of: /"tcp":\["(127\.0\.0\.1:\d+)/)).1
        let result = try run(BuiltProducts.mintmark, ["ping", "--server", String(address), "--json"])
        #expect(result.exitCode == 0, "\(result)")
    }

    @Test(arguments: ["STATE_DIRECTORY", "XDG_STATE_HOME"])
    func stateDirectoryComesFromTheEnvironment(variable: String) throws {
        let process = Process()
        process.executableURL = BuiltProducts.mintmarkd
        process.arguments = ["--listen", "127.0.0.1:0", "--admin", "off"]
        process.environment = [variable: "\(directory.path)/state", "HOME": "/nonexistent"]
        let log = LogReader(try process.runWithPipes().errors)
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        try #require(log.waitForLine(containing: "\"ready\""), "\(log.text)")
        let state = variable == "STATE_DIRECTORY" ? "state" : "state/mintmark"
        #expect(try mode("\(directory.path)/\(state)/master.key") == 0o600)
    }

    @Test func leavesNoMemoryToCoreFiles() throws {
        let daemon = try DaemonProcess(directory: directory.path)
        func facts(_ file: String) throws -> String {
            try String(contentsOfFile: "/proc/\(daemon.ready.pid)/\(file)", encoding: .utf8)
        }
        #expect(try facts("limits").contains(#/Max core file size +0 +0 /#))
        #expect(try facts("coredump_filter").allSatisfy { $0 == "0" || $0 == "\n" })
        #expect(daemon.stop() == 0)
    }

    /// Foundation, and ICU with it, would be forty megabytes that the daemon has no use for. The parser of the command
    /// line brings the small part of it along.
    @Test func hasNoFoundationInItsMemory() throws {
        let daemon = try DaemonProcess(directory: directory.path)
        // The file has no size: only reading to its end gives all of it.
        let file = try #require(FileHandle(forReadingAtPath: "/proc/\(daemon.ready.pid)/maps"))
        let maps = String(decoding: file.readDataToEndOfFile(), as: UTF8.self)
        #expect(maps.contains("libsodium"))
        for library in ["libFoundation.so", "libFoundationInternationalization", "lib_FoundationICU", "libicu"] {
            #expect(!maps.contains(library), "\(library)")
        }
        #expect(daemon.stop() == 0)
    }

    /// More connections are configured than a process may open files here, less those of its own and of two event loops.
    @Test(.enabled(if: Self.descriptorsMax < 1_048_576))
    func tellsThatFewerConnectionsFitThanConfigured() throws {
        let daemon = try DaemonProcess(configuration: "threads: 2\nlimits: {connections: 1048576}\n")
        #expect(daemon.waitForLog("configured=1048576 possible=\(Self.descriptorsMax - 64 - 2 * 3)"))
        #expect(daemon.stop() == 0)
    }

    private static let descriptorsMax: Int = {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_max)
    }()

    @Test func keepsItsKeysAcrossStarts() async throws {
        let first = try DaemonProcess(directory: directory.path)
        let keys = try first.mintmark("keys").output
        let token = try first.mintmark("sign", "--subject", "a", "--audience", "b").text("access_token") ?? ""
        #expect(first.stop() == 0)
        let second = try DaemonProcess(directory: directory.path)
        #expect(try second.mintmark("keys").output == keys)
        #expect(try second.mintmark("verify", token, "--any-audience").bool("active") == true)
        #expect(second.ready.pid != first.ready.pid)
    }

    @Test func sessionsGoOnAcrossStarts() async throws {
        let first = try DaemonProcess(directory: directory.path)
        let token = try await first.withClient { try await $0.openSession().refreshToken }
        #expect(first.stop() == 0)
        let second = try DaemonProcess(directory: directory.path)
        #expect(second.waitForLog("from_snapshot=1"))
        try await second.withClient { client in
            let refreshed = try await client.refresh(token)
            #expect(refreshed.outcome == .rotated)
        }
    }

    @Test func readyFileSaysWhereItListens() throws {
        let daemon = try DaemonProcess(
            arguments: ["--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0"],
            directory: directory.path
        )
        #expect(daemon.ready.tcp.count == 2)
        #expect(daemon.ready.unix == daemon.unixPath)
        #expect(kill(daemon.ready.pid, 0) == 0)
        #expect(try mode(daemon.unixPath) == 0o660)
        for address in daemon.ready.tcp {
            let result = try run(BuiltProducts.mintmark, ["ping", "--server", address, "--json"])
            #expect(result.exitCode == 0, "\(result)")
        }
        // Written under another name and moved: nothing but the whole file is ever seen.
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(Set(files) == ["data", "ready.json", "socket"])
    }

    @Test func socketThatADeadDaemonLeftIsReplaced() throws {
        let first = try DaemonProcess(directory: directory.path)
        first.signal(SIGKILL)
        _ = first.exitCode()
        #expect(FileManager.default.fileExists(atPath: first.unixPath))
        let second = try DaemonProcess(directory: directory.path)
        #expect(try second.mintmark("ping").exitCode == 0)
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
}

/// A directory that is there for as long as the value.
final class TemporaryHome: Sendable {
    let path: String

    init() throws {
        path = try DaemonProcess.makeDirectory()
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ text: String, to name: String, mode: Int = 0o600) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file(name))
    }
}
