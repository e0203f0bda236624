import Foundation
import Testing

/// What peers of the admin listener can make a real daemon keep in memory, and whom they keep out.
@Suite(.serialized) struct HTTPMemoryTests {
    private static let mebibyte = 1 << 20
    /// As many as the listener has places.
    private static let peersCount = 128

    /// Peers that ask again and again, as fast as they are let, and take no answer.
    @Test(.enabled(if: !Sanitizer.isThere, "a sanitizer takes memory of its own"))
    func peersThatNeverReadCostLittleAndKeepNobodyOut() throws {
        let daemon = try DaemonProcess(arguments: ["--admin", "127.0.0.1:0"])
        let address = try #require(daemon.ready.admin)
        let port = try #require(UInt16(address.split(separator: ":")[1]))
        let requests = Array(repeatElement(GreedyPeer.request, count: 2_500).joined())
        let probe = ["curl", "--silent", "--max-time", "60", "http://\(address)/livez"]
        let before = try MemoryBoundTests.residentBytes(of: daemon.ready.pid)
        let greedy = try (0..<Self.peersCount).map { _ in try GreedyPeer(port: port) }
        for peer in greedy { peer.ask() }
        var most = 0
        for _ in 0..<10 {
            for peer in greedy { peer.send(requests) }
        }
        #expect(try run(URL(fileURLWithPath: "/usr/bin/env"), probe).output.contains("\"live\": true"))
        for _ in 0..<100 {
            for peer in greedy { peer.send(requests) }
            most = max(most, try MemoryBoundTests.residentBytes(of: daemon.ready.pid) - before)
        }
        // The end of what they ask makes the server read all of it.
        for peer in greedy { peer.endInput() }
        for _ in 0..<100 {
            most = max(most, try MemoryBoundTests.residentBytes(of: daemon.ready.pid) - before)
        }
        #expect(most < 16 * Self.mebibyte, "\(most) bytes")
        #expect(daemon.stop() == 0)
    }
}

/// A connection over TCP that holds next to nothing of what comes.
private final class GreedyPeer {
    private let descriptor: Int32

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var size: Int32 = 2_048
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(result == 0)
    }

    deinit { close(descriptor) }

    static let request = Array("GET / HTTP/1.1\r\nHost:a\r\n\r\n".utf8)

    /// Asks once and waits until the answer begins: then the connection has a place.
    func ask() {
        send(Self.request)
        var byte: UInt8 = 0
        _ = recv(descriptor, &byte, 1, 0)
    }

    func endInput() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// As much as is taken at once.
    func send(_ bytes: [UInt8]) {
        _ = bytes.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
        }
    }
}
