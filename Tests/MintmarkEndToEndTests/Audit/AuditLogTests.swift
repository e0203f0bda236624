import Foundation
import MintmarkClient
import MintmarkWire
import Testing

/// The audit log of a real daemon: what it tells, and what happens to it.
@Suite struct AuditLogTests {
    /// The texts of each line; what else there is are numbers and lists.
    private static func events(_ path: String) throws -> [[String: String]] {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.hasSuffix("\n"))
        return try text.split(separator: "\n").map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            return try #require(object as? [String: Any], "\(line)").compactMapValues { $0 as? String }
        }
    }

    /// Events without those operations that were begun and refused, since the disk took too long for the first line of them:
    /// clients repeat them.
    private static func withoutRefusals(_ events: [[String: String]]) -> [[String: String]] {
        events.reduce(into: []) { kept, event in
            if event["event"] == "operation_refused", event["reason"] == "AUDIT" {
                // Of those behind the first, which did not wait for the disk, nothing was begun.
                if kept.last?["event"] == "operation_begun" { kept.removeLast() }
            } else {
                kept.append(event)
            }
        }
    }

    /// Waits until the log tells of something.
    private static func await(_ part: String, in path: String) async throws {
        try await poll("\(part)") {
            let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            return text.contains(part) ? true : nil
        }
    }

    /// Waits until the log tells that a subject's sessions were revoked: the last of the lines about it.
    private static func awaitRevocation(of subject: String, in path: String) async throws {
        try await poll("\(subject) revoked") {
            let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            let isTold = text.split(separator: "\n").contains {
                $0.contains(#""event":"revoked""#) && $0.contains(#""\#(subject)""#)
            }
            return isTold ? true : nil
        }
    }

    private static func daemon(
        _ directory: String,
        log: String? = nil
    ) throws -> (daemon: DaemonProcess, log: String) {
        let path = log ?? "\(directory)/audit.log"
        let configuration = "audit_file: \(path)\n" + DaemonProcess.patientClient
        return (try DaemonProcess(configuration: configuration, directory: directory), path)
    }

    @Test func logTellsWhoDidWhat() async throws {
        let directory = try DaemonProcess.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (daemon, path) = try Self.daemon(directory)
        try await daemon.withClient { client in
            _ = try await client.openSession("alice")
            try await client.revoke(.subject("alice"))
            try await client.forceRotation(of: .all)
            try await client.snapshot()
        }
        daemon.signal(SIGHUP)
        #expect(daemon.waitForLog("reloaded"))
        #expect(daemon.stop() == 0)
        // What becomes of keys is told, too, and is another test's business.
        let events = Self.withoutRefusals(try Self.events(path)).filter { $0["event"]?.hasPrefix("key_") != true }
        #expect(
            events.compactMap { $0["event"] } == [
                "started", "session_opened", "operation_begun", "revoked", "operation_begun", "rotation_forced",
                "operation_begun", "snapshot_requested", "reloaded", "stopped",
            ]
        )
        for event in events[1...7] {
            #expect(event["client"] == "local")
            #expect(event["peer"] == "unix:\(getuid())")
        }
        #expect(events[1]["subject"] == "alice")
        #expect(events[1]["session"]?.count == 32)
        #expect(events[2]["operation"] == "REVOKE")
        #expect(events[2]["subject"] == "alice")
        #expect(events[3]["target"] == "subject")
        #expect(events.allSatisfy { $0["time"]?.hasSuffix("Z") == true })
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    /// Who was turned away by TLS, and whom a reload has left without its client.
    @Test func logTellsWhoWasTurnedAwayAndWhoIsGone() async throws {
        let directory = try DaemonProcess.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = "\(directory)/audit.log"
        let certificates = try DevCertificates()
        let common = certificates.yaml + "audit_file: \(path)\n"
        let daemon = try DaemonProcess(
            configuration: common + "clients: {me: {identities: {user_ids: [\(geteuid())]}}}\n",
            directory: directory
        )
        let connection = try RawConnection(unixPath: daemon.unixPath)
        #expect(try run(BuiltProducts.mintmark, ["ping"] + certificates.options(daemon, shows: nil)).exitCode == 3)
        #expect(try run(BuiltProducts.mintmark, ["ping"] + certificates.options(daemon)).exitCode == 3)
        let others = "clients: {other: {identities: {user_ids: [\(geteuid() + 1)]}}}\n"
        try Data((common + others).utf8).write(to: URL(fileURLWithPath: "\(directory)/mintmark.yaml"))
        daemon.signal(SIGHUP)
        #expect(try connection.receive()?.status == .clientGone)
        #expect(daemon.stop() == 0)
        let events = try Self.events(path)
        let refused = events.filter { $0["event"] == "caller_refused" }
        #expect(Set(refused.compactMap { $0["reason"] }) == ["tls_no_certificate", "certificate_unknown"])
        #expect(refused.allSatisfy { $0["peer"]?.hasPrefix("127.0.0.1:") == true })
        let gone = events.filter { $0["event"] == "caller_gone" }
        #expect(gone.map { $0["client"] } == ["me"])
        #expect(gone.map { $0["reason"] } == ["client_gone"])
    }

    /// As logrotate does it: what comes before the signal goes on going where it went.
    @Test func renamedLogIsLeftAloneAndAnotherBegins() async throws {
        let directory = try DaemonProcess.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (daemon, path) = try Self.daemon(directory)
        try await daemon.withClient { client in
            try await client.revoke(.subject("first"))
            try await Self.awaitRevocation(of: "first", in: path)
            try FileManager.default.moveItem(atPath: path, toPath: "\(path).1")
            try await client.revoke(.subject("second"))
            try await Self.awaitRevocation(of: "second", in: "\(path).1")
            daemon.signal(SIGHUP)
            try await poll("another file") { FileManager.default.fileExists(atPath: path) ? true : nil }
            try await client.revoke(.subject("third"))
        }
        #expect(daemon.stop() == 0)
        func subjects(_ path: String) throws -> [String] {
            try Self.events(path).filter { $0["event"] == "revoked" }.compactMap { $0["subject"] }
        }
        #expect(try subjects("\(path).1") == ["first", "second"])
        #expect(try subjects(path) == ["third"])
    }

    /// A fault in the configuration, which may be an edit that is not done, keeps no rotation from being seen.
    @Test func renamedLogIsLeftAloneWhenTheReloadIsRefused() async throws {
        let directory = try DaemonProcess.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (daemon, path) = try Self.daemon(directory)
        try await daemon.withClient { client in
            try await client.revoke(.subject("first"))
            try await Self.awaitRevocation(of: "first", in: path)
            try FileManager.default.moveItem(atPath: path, toPath: "\(path).1")
            try Data("isuer: x\nthreds: 1\n".utf8).write(to: URL(fileURLWithPath: "\(directory)/mintmark.yaml"))
            daemon.signal(SIGHUP)
            #expect(daemon.waitForLog("not reloaded"))
            try await client.revoke(.subject("second"))
        }
        #expect(daemon.stop() == 0)
        #expect(FileManager.default.fileExists(atPath: path))
        let events = FileManager.default.fileExists(atPath: path) ? try Self.events(path) : []
        #expect(events.contains { $0["subject"] == "second" })
        // On one line, as in the log.
        let reason = events.first { $0["event"] == "reload_refused" }?["reason"]
        #expect(reason?.hasPrefix("the configuration has faults: ") == true && reason?.contains("\n") == false)
    }

    /// A file that others can write is none that an audit log goes to: what happens until the end of the server is lost.
    @Test func stopTellsOfLinesThatAreLost() async throws {
        let directory = try DaemonProcess.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (daemon, path) = try Self.daemon(directory)
        try await Self.await("started", in: path)
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: path)
        daemon.signal(SIGHUP)
        #expect(daemon.waitForLog("the audit log cannot be written"))
        #expect(daemon.stop() == 0)
        #expect(daemon.waitForLog("the last lines of the audit log could not be written, and are lost"))
    }

    @Test func deletedLogBeginsAnew() async throws {
        let directory = try DaemonProcess.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (daemon, path) = try Self.daemon(directory)
        try await daemon.withClient { client in
            try await client.revoke(.subject("first"))
            try await Self.awaitRevocation(of: "first", in: path)
            try FileManager.default.removeItem(atPath: path)
            try await client.revoke(.subject("second"))
            try await Self.awaitRevocation(of: "second", in: path)
        }
        #expect(try Self.events(path).first?["subject"] == "second")
        #expect(daemon.stop() == 0)
    }

    /// Administrators are refused, callers are not, and nothing that was done is missing afterwards.
    @Test(.enabled(if: SmallDisk.isPossible))
    func fullDiskStopsAdministratorsAlone() async throws {
        let disk = try SmallDisk(byteCount: 1 << 20)
        let directory = try DaemonProcess.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (daemon, path) = try Self.daemon(directory, log: "\(disk.path)/audit.log")
        try await daemon.withClient { client in
            try await Self.await("started", in: path)
            try disk.fill()
            // Many at a time: what is left of the page that was begun takes some more.
            try await poll("the log cannot be written") {
                try await withThrowingTaskGroup { group in
                    for _ in 0..<20 {
                        group.addTask { _ = try await client.openSession(String(repeating: "x", count: 200)) }
                    }
                    try await group.waitForAll()
                }
                return try await client.stats().readinessReasons == ["audit"] ? true : nil
            }
            #expect(daemon.waitForLog("the audit log cannot be written"))
            // By hand: a client would try again until its time is over, and not say of what.
            let connection = try RawConnection(unixPath: daemon.unixPath)
            try connection.send(RevokeRequest(.subject("alice")), id: 2)
            #expect(try connection.receive()?.status == .audit)
            try connection.send(RevokeRequest(.sessionID([UInt8](repeating: 7, count: 16))), id: 3)
            #expect(try connection.receive()?.status == .audit)
            try connection.send(ForceRotationRequest(.all), id: 4)
            #expect(try connection.receive()?.status == .audit)
            try connection.send(SnapshotRequest(), id: 5)
            #expect(try connection.receive()?.status == .audit)
            try connection.send(KeyPrepareRequest(), id: 6)
            #expect(try connection.receive()?.status == .audit)
            let opened = try await client.openSession("bob")
            _ = try await client.refresh(opened.refreshToken)
            try await client.revoke(.refreshToken(opened.refreshToken))
            try disk.makeRoom()
            try await poll("ready again") { try await client.stats().isReady ? true : nil }
            try await client.revoke(.subject("alice"))
        }
        #expect(try await daemon.counter("audit_events_lost") == 0)
        #expect(daemon.stop() == 0)
        let events = try Self.events(path)
        #expect(events.contains { $0["event"] == "session_opened" && $0["subject"] == "bob" })
        #expect(events.contains { $0["event"] == "operation_refused" && $0["reason"] == "AUDIT" })
        #expect(events.last { $0["event"] == "revoked" }?["subject"] == "alice")
    }

    /// The disk may fill up between any two requests: what was done is in the log, before anybody was told.
    @Test(.enabled(if: SmallDisk.isPossible))
    func nothingIsDoneThatTheLogDoesNotHold() async throws {
        let disk = try SmallDisk(byteCount: 1 << 20)
        let directory = try DaemonProcess.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (daemon, path) = try Self.daemon(directory, log: "\(disk.path)/audit.log")
        try await Self.await("started", in: path)
        try disk.fill()
        let connection = try RawConnection(unixPath: daemon.unixPath)
        let count: UInt32 = 200
        let frames = try (1...count).flatMap { number in
            try RawConnection.frame(RevokeRequest(.subject("subject-\(number)")), id: number + 1)
        }
        try connection.send(frames)
        var done: Set<UInt32> = []
        for _ in 1...count {
            let frame = try #require(try connection.receive())
            if frame.status == nil {
                done.insert(frame.header.requestID - 1)
            } else {
                #expect(frame.status == .audit)
            }
        }
        #expect(done.count < count)
        // Killed as it is: what waits in memory is lost.
        daemon.signal(SIGKILL)
        _ = daemon.exitCode()
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let begun = text.split(separator: "\n").filter { $0.contains(#""event":"operation_begun""#) }
        for number in done {
            #expect(begun.contains { $0.contains(#""subject":"subject-\#(number)""#) }, "\(number)")
        }
    }

    /// A server that is to keep a log and cannot does not start.
    @Test func logThatCannotBeOpenedKeepsTheServerFromStarting() throws {
        let directory = try DaemonProcess.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: "\(directory)/audit.log", withIntermediateDirectories: false)
        let arguments = try DaemonProcess.arguments(in: directory, "audit_file: \(directory)/audit.log\n", [])
        let result = try run(BuiltProducts.mintmarkd, arguments)
        #expect(result.exitCode == 8)
        #expect(result.errors.contains("the audit log (audit_file) cannot be written"))
    }
}
