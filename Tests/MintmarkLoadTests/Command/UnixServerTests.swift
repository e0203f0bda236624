import ArgumentParser
import Glibc
import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkLoad

@Suite("Who answers on a Unix socket")
struct UnixServerTests {
    /// A socket that somebody of this process's user listens on.
    private final class Listener: Sendable {
        let directory: TemporaryDirectory
        let path: String
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)

        init() throws {
            directory = try TemporaryDirectory()
            path = directory.file("s")
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let result = withUnsafeBytes(of: &address) { bytes in
                let address = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
                return bind(descriptor, address, socklen_t(bytes.count))
            }
            try #require(result == 0 && listen(descriptor, 8) == 0)
        }

        deinit { close(descriptor) }

        /// Tells the next to connect so much, and closes.
        func answer(_ text: String) throws {
            let connection = accept(descriptor, nil, nil)
            try #require(connection >= 0)
            defer { close(connection) }
            var bytes = [UInt8](repeating: 0, count: 1_024)
            try #require(recv(connection, &bytes, bytes.count, 0) > 0)
            try #require(send(connection, text, text.utf8.count, Int32(MSG_NOSIGNAL)) == text.utf8.count)
        }

        /// How many bytes the next to connect sends before it closes.
        func receivedCount() throws -> Int {
            let connection = accept(descriptor, nil, nil)
            try #require(connection >= 0)
            defer { close(connection) }
            var bytes = [UInt8](repeating: 0, count: 1_024)
            return recv(connection, &bytes, bytes.count, 0)
        }
    }

    @Test("nobody but who is trusted is spoken to")
    func untrusted() throws {
        let listener = try Listener()
        let address = try #require(ServerAddress(unixPath: listener.path, trustedUserIDs: [geteuid() &+ 1]))
        let failure = #expect(throws: LoadFailure.self) { _ = try SetupConnection(to: address) }
        #expect(failure?.exitStatus == .unreachable)
        #expect(failure?.message.contains("who is not trusted; --server-user ") == true)
        #expect(try listener.receivedCount() == 0)
    }

    @Test("this process's user is trusted, and who an option names")
    func trusted() throws {
        let listener = try Listener()
        for trustedUserIDs in [TrustedUsers.usual(own: geteuid()), [geteuid()]] {
            let address = ServerAddress.unixSocket(path: listener.path, trustedUserIDs: trustedUserIDs)
            close(try address.connect())
        }
        let options = try ServerOptions.parse(["--unix", "/b", "--server-user", "4711"])
        guard case .unixSocket(_, let trustedUserIDs) = try options.address({ _ in nil }) else {
            Issue.record("not a Unix socket")
            return
        }
        #expect(trustedUserIDs == TrustedUsers.usual(own: geteuid()).union([4_711]))
    }

    @Test("an admin listener is told from a server that answers wrong")
    func http() async throws {
        let listener = try Listener()
        let address = try #require(ServerAddress(unixPath: listener.path))
        let answering = Task { try listener.answer("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n") }
        let failure = await #expect(throws: LoadFailure.self) {
            try await Task.detached { _ = try SetupConnection(to: address) }.value
        }
        try await answering.value
        #expect(failure?.exitStatus == .unreachable)
        #expect(failure?.message.contains("speaks HTTP, and no frames") == true)
    }

    @Test("where nobody listens it is asked whether anybody does")
    func nobody() throws {
        let directory = try TemporaryDirectory()
        let address = try #require(ServerAddress(unixPath: directory.file("s")))
        let failure = #expect(throws: LoadFailure.self) { _ = try SetupConnection(to: address) }
        #expect(failure?.message.hasSuffix("--server, --unix and --tls name other places") == true)
    }
}
