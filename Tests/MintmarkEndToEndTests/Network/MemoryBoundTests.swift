import Foundation
import MintmarkWire
import Testing

/// What peers can make a real daemon keep in memory.
@Suite(.serialized) struct MemoryBoundTests {
    private static let mebibyte = 1 << 20

    static func residentBytes(of process: Int32) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return try #require(Int(line.split(separator: " ")[1])) * 1_024
    }

    private static func ping(_ connection: RawConnection) throws {
        try connection.send(PingRequest(), id: 7)
        #expect(try connection.receive()?.header.responseKind == .ping)
    }

    /// What a thousand connections claim, and do not send, costs less than a mebibyte together.
    @Test(.enabled(if: !Sanitizer.isThere, "a sanitizer takes memory of its own")) func claimsCostNothing() throws {
        DescriptorLimit.raise()
        let daemon = try DaemonProcess(configuration: "limits: {connections: 1100, frame_length: 1MiB}\n")
        let connections = try (0..<1_000).map { _ in try RawConnection(unixPath: daemon.unixPath) }
        // What a connection needs in any case is there before it is measured.
        for connection in connections { try Self.ping(connection) }
        let before = try Self.residentBytes(of: daemon.ready.pid)
        for connection in connections { try connection.send([0x00, 0x10, 0x00, 0x00, Kind.verify.requestByte]) }
        try Self.ping(try RawConnection(unixPath: daemon.unixPath))
        #expect(try Self.residentBytes(of: daemon.ready.pid) - before < Self.mebibyte)
        // Above the limit the four bytes are enough to be turned away.
        for connection in connections.prefix(100) {
            connection.close()
            let other = try RawConnection(unixPath: daemon.unixPath)
            try other.send([0xFF, 0xFF, 0xFF, 0xFF])
            #expect(try other.receive()?.status == .frameLength)
        }
        #expect(try Self.residentBytes(of: daemon.ready.pid) - before < 2 * Self.mebibyte)
    }

    /// A hundred peers that ask for gigabytes of answers and take none.
    @Test(.enabled(if: !Sanitizer.isThere, "a sanitizer takes memory of its own"))
    func peersThatNeverReadAreBoundedTogether() throws {
        let limits = "limits: {memory: 16MiB, write_timeout: 2s}\n"
        let daemon = try DaemonProcess(configuration: "threads: 2\n" + limits)
        let honest = try RawConnection(unixPath: daemon.unixPath)
        try Self.ping(honest)
        let before = try Self.residentBytes(of: daemon.ready.pid)
        let requests = try (1...1_000).flatMap { try RawConnection.frame(StatsRequest(), id: $0) }
        let greedy = try (0..<100).map { _ in try RawConnection(unixPath: daemon.unixPath) }
        for connection in greedy { connection.sendWithoutWaiting(requests) }
        var most = 0
        for _ in 0..<200 {
            try Self.ping(honest)
            most = max(most, try Self.residentBytes(of: daemon.ready.pid) - before)
        }
        // Each holds an unserved read and a full buffer at most: all of them less than that beside the bound.
        #expect(most < 16 * Self.mebibyte + 100 * 256 * 1_024)
        #expect(daemon.stop() == 0)
    }
}
