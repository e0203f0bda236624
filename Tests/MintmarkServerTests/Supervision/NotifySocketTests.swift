import Foundation
import Glibc
import MintmarkTestSupport
import Testing

@testable import MintmarkServer

/// The socket to the service manager: real datagrams, under a path or an abstract name.
@Suite struct NotifySocketTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// A manager's end of the socket.
    private func listen(_ path: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(2 + name.count)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(result == 0)
        return descriptor
    }

    private func receive(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    @Test(arguments: [false, true])
    func messagesArrive(isAbstract: Bool) throws {
        let path = isAbstract ? "@mintmark-test-\(UUID().uuidString)" : "\(directory.path)/notify"
        let descriptor = try listen(path)
        defer { close(descriptor) }
        let socket = try #require(NotifySocket(path: path))
        #expect(socket.send("READY=1\nSTATUS=here"))
        #expect(receive(descriptor) == "READY=1\nSTATUS=here")
    }

    /// A manager that is gone, or does not read, keeps nobody waiting.
    @Test func nobodyIsWaitedFor() throws {
        #expect(try #require(NotifySocket(path: "\(directory.path)/gone")).send("READY=1") == false)
        let descriptor = try listen("\(directory.path)/full")
        defer { close(descriptor) }
        let socket = try #require(NotifySocket(path: "\(directory.path)/full"))
        var sent = 0
        while sent < 1_000_000, socket.send("WATCHDOG=1") { sent += 1 }
        #expect(sent < 1_000_000)
    }

    @Test(arguments: [
        ("", false), ("/", false), ("@", false), ("relative", false), ("vsock:2:1", false), ("/a", true), ("@a", true),
        ("/" + String(repeating: "a", count: 105), true), ("/" + String(repeating: "a", count: 106), true),
        ("/" + String(repeating: "a", count: 107), false), ("@" + String(repeating: "a", count: 106), true),
        ("@" + String(repeating: "a", count: 107), false), ("/a\u{0}b", false),
    ])
    func namesHaveBounds(path: String, isGood: Bool) {
        #expect((NotifySocket(path: path) != nil) == isGood)
    }
}
