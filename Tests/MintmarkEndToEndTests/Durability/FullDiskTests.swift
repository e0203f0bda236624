import Foundation
import MintmarkClient
import MintmarkWire
import Testing

/// A disk that fills up: nothing acknowledged is lost, what needs no disk goes on, and so does the rest as soon as there
/// is room. Only where a file system of one's own can be mounted.
@Suite(.enabled(if: SmallDisk.isPossible)) struct FullDiskTests {
    private static let mebibyte = 1 << 20

    @Test func goesOnWhenThereIsRoomAgain() async throws {
        let disk = try SmallDisk(byteCount: 7 * Self.mebibyte)
        let configuration = DaemonProcess.patientClient + "storage: {segment_size: 2MiB, snapshot_interval: 24h}\n"
        let daemon = try DaemonProcess(configuration: configuration, directory: disk.path)
        let opened = try await daemon.withClient { client -> [SessionTokens] in
            let first = try await client.openSession("first")
            try disk.fill()
            var opened = [first]
            // Until the segment is full, and the next one finds no room.
            let refusal = try await Self.open(client, &opened)
            #expect(refusal == .storage)
            #expect(daemon.waitForLog("the journal cannot go on"))
            let stats = try await client.stats()
            #expect(stats.readinessReasons == ["storage_full"])

            #expect(try await client.refusal(ofAccessToken: first.accessToken) == nil)
            _ = try await client.sign(subject: "alice", audience: ["orders"])
            await #expect(throws: MintmarkError.self) {
                try await client.revoke(.subject("first"), timeout: .milliseconds(100))
            }
            #expect(try await client.refusal(ofAccessToken: first.accessToken) == .tokenRevoked, "it holds in memory")

            try disk.makeRoom()
            #expect(daemon.waitForLog("the journal can be written again"))
            try await poll("ready again") { try await client.stats().isReady ? true : nil }
            let later = try await client.openSession("later")
            _ = try await client.refresh(opened[1].refreshToken)
            return opened + [later]
        }
        daemon.signal(SIGKILL)
        _ = daemon.exitCode()
        let next = try DaemonProcess(configuration: configuration, directory: disk.path)
        try await next.withClient { client in
            let refusal = try await client.refusal(ofRefreshing: opened[0].refreshToken)
            #expect(refusal == .revoked)
            for tokens in opened.dropFirst(2) {
                let refusal = try await client.refusal(ofIntrospecting: tokens.refreshToken)
                #expect(refusal == nil)
            }
        }
        #expect(next.stop() == 0)
    }

    /// A full disk keeps requests away, and starts nobody anew: that would lose what memory has more than the disk.
    @Test func aFullDiskIsNotReadyAndAlive() async throws {
        let disk = try SmallDisk(byteCount: 7 * Self.mebibyte)
        let configuration = DaemonProcess.patientClient + "storage: {segment_size: 2MiB, snapshot_interval: 24h}\n"
        let daemon = try DaemonProcess(
            arguments: ["--admin", "127.0.0.1:0"],
            configuration: configuration,
            directory: disk.path
        )
        let address = try #require(daemon.ready.admin)
        func ask(_ path: String) throws -> String {
            let arguments = ["curl", "--silent", "--max-time", "20", "--write-out", "%{http_code}"]
            return try run(URL(fileURLWithPath: "/usr/bin/env"), arguments + ["http://\(address)\(path)"]).output
        }
        #expect(try ask("/readyz").hasSuffix("\n200"))
        try await daemon.withClient { client in
            try disk.fill()
            var opened: [SessionTokens] = []
            let refusal = try await Self.open(client, &opened)
            #expect(refusal == .storage)
        }
        #expect(try ask("/readyz") == "{\"ready\": false, \"reasons\": [\"storage_full\"]}\n503")
        #expect(try ask("/livez") == "{\"live\": true}\n200")
        try disk.makeRoom()
        try await poll("ready again") { try ask("/readyz").hasSuffix("\n200") ? true : nil }
        #expect(daemon.stop() == 0)
    }

    /// In the mode `snapshot` a stop that finds no room for the last one loses what came since the one before.
    @Test func aStopThatLosesChangesDoesNotEndAsAsked() async throws {
        let disk = try SmallDisk(byteCount: 7 * Self.mebibyte)
        let settings = "storage: {durability: snapshot, segment_size: 2MiB, snapshot_interval: 24h}\n"
        let daemon = try DaemonProcess(configuration: DaemonProcess.patientClient + settings, directory: disk.path)
        try await daemon.withClient { client in
            _ = try await client.openSession("alice")
            try disk.fill()
        }
        #expect(daemon.stop() == 1)
        #expect(daemon.waitForLog("no snapshot was taken at the end"))
    }

    /// Opens sessions, many at a time, until that is refused; gives the reason.
    private static func open(_ client: MintmarkClient, _ opened: inout [SessionTokens]) async throws -> Status? {
        for _ in 0..<1_000 {
            let batch = await withTaskGroup(of: Result<SessionTokens, MintmarkError>.self) { group in
                for number in 0..<64 {
                    group.addTask {
                        do throws(MintmarkError) {
                            let claims = "{\"padding\":\"\(String(repeating: "x", count: 2_000))\"}"
                            return .success(
                                try await client.open(
                                    subject: "user \(number)",
                                    audience: ["orders"],
                                    claims: Array(claims.utf8),
                                    timeout: .seconds(5)
                                )
                            )
                        } catch {
                            return .failure(error)
                        }
                    }
                }
                var batch: [Result<SessionTokens, MintmarkError>] = []
                for await result in group {
                    batch.append(result)
                }
                return batch
            }
            opened += batch.compactMap { try? $0.get() }
            for case .failure(let error) in batch {
                return error.status?.status
            }
        }
        return nil
    }
}

/// A file system of a few mebibytes, in memory, mounted for one test.
final class SmallDisk: Sendable {
    let path: String
    private var filler: String { "\(path)/filler" }

    /// Whether one can be mounted here.
    static let isPossible: Bool = {
        guard geteuid() == 0, let disk = try? SmallDisk(byteCount: 1 << 20) else { return false }
        return disk.path.hasPrefix("/")
    }()

    init(byteCount: Int) throws {
        path = try DaemonProcess.makeDirectory()
        let result = try run(
            URL(fileURLWithPath: "/bin/mount"),
            ["-t", "tmpfs", "-o", "size=\(byteCount),mode=0700", "tmpfs", path]
        )
        guard result.exitCode == 0 else {
            try? FileManager.default.removeItem(atPath: path)
            throw CocoaError(.featureUnsupported)
        }
    }

    deinit {
        _ = try? run(URL(fileURLWithPath: "/bin/umount"), ["--lazy", path])
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file until nothing more fits.
    func fill() throws {
        guard FileManager.default.createFile(atPath: filler, contents: nil) else {
            throw CocoaError(.fileWriteUnknown)
        }
        let file = open(filler, O_WRONLY)
        defer { close(file) }
        let page = [UInt8](repeating: 1, count: 4_096)
        while write(file, page, page.count) == page.count {}
    }

    func makeRoom() throws {
        try FileManager.default.removeItem(atPath: filler)
    }
}
