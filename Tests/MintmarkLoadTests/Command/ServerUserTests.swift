import ArgumentParser
import Glibc
import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkLoad

@Suite("Whom the server on a Unix socket may run as")
struct ServerUserTests {
    /// A socket that somebody of this process's user listens on.
    private final class Listener {
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
}
