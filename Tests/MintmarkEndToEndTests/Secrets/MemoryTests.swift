import Foundation
import MintmarkClient
import MintmarkWire
import Testing

/// Keys live in guarded memory and nowhere else: not in what a core file would hold, and not in what others can read.
@Suite struct MemoryTests {
    /// A daemon that has done everything that it does with its keys.
    private static func busyDaemon() async throws -> DaemonProcess {
        let daemon = try DaemonProcess(configuration: DaemonProcess.patientClient)
        try await daemon.withClient { client in
            for number in 0..<200 {
                let opened = try await client.openSession("user \(number)")
                _ = try await client.refresh(opened.refreshToken)
                _ = try await client.introspect(opened.refreshToken)
                let token = try await client.sign(subject: "user \(number)", audience: ["orders"])
                _ = try await client.verify(token.accessToken, audience: .any)
            }
            try await client.snapshot()
        }
        return daemon
    }

    /// Who may not look at all has seen that nobody of the daemon's user can.
    @Test func keysStandInGuardedMemoryOnly() async throws {
        let daemon = try await Self.busyDaemon()
        let secrets = try ServerSecrets(dataDirectory: daemon.dataDirectory)
        guard geteuid() == 0 else {
            #expect(throws: ProcessMemory.Failure(call: "open", code: EACCES)) {
                try ProcessMemory(of: daemon.ready.pid)
            }
            return
        }
        let memory = try ProcessMemory(of: daemon.ready.pid)
        defer { memory.close() }
        // The runtime of a sanitizer lets mlock do nothing and say that it has done it.
        let isLocked = try await daemon.counter("secrets_unlocked") == 0 && !Sanitizer.isThere
        for secret in secrets.secrets {
            let places = memory.mappings(holding: secret.bytes)
            for place in places where !place.isGuarded {
                Issue.record("\(secret.name) stands in ordinary memory: \(place)")
            }
            for place in places where isLocked {
                #expect(place.flags.contains("lo"), "\(secret.name) may be swapped out: \(place)")
            }
        }
        // Else nothing would be found because nothing can be. The master key itself is not kept.
        let kept = try #require(secrets.secrets.first { $0.name == "the key of refresh tokens" })
        #expect(!memory.mappings(holding: kept.bytes).isEmpty)
        #expect(!memory.mappings(holding: Array("orders".utf8)).isEmpty)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/gcore") && geteuid() == 0))
    func coreFileHoldsNoKey() async throws {
        let daemon = try await Self.busyDaemon()
        let secrets = try ServerSecrets(dataDirectory: daemon.dataDirectory)
        let path = "\(daemon.directory)/core"
        let result = try run(URL(fileURLWithPath: "/usr/bin/gcore"), ["-o", path, "\(daemon.ready.pid)"])
        let core = Array(try Data(contentsOf: URL(fileURLWithPath: "\(path).\(daemon.ready.pid)")))
        #expect(core.count > 1_000, "\(result.output) \(result.errors)")
        for secret in secrets.secrets {
            #expect(!ProcessMemory.holds(core, secret.bytes), "\(secret.name)")
        }
    }

    @Test func systemMakesNoCoreFile() throws {
        let daemon = try DaemonProcess()
        let process = "/proc/\(daemon.ready.pid)"
        let limits = try String(contentsOfFile: "\(process)/limits", encoding: .utf8)
        let core = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
        #expect(core.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"])
        // Who is not dumpable belongs to root below /proc, and so its own user cannot look into it (proc(5)).
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(process)/mem")
        #expect(attributes[.ownerAccountID] as? Int == 0)
    }
}
