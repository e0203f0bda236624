import Glibc
import NIOCore

/// The addresses of sockets, and what the system says of who is at the other end.
enum SocketName {
    /// The server's own address on a connection of TCP; nil for other sockets.
    static func ofServer(_ socket: Int32) -> SocketAddress? {
        address { getsockname(socket, $0, $1) }
    }

    /// The peer's address on a connection of TCP; nil for other sockets.
    static func ofPeer(_ socket: Int32) -> SocketAddress? {
        address { getpeername(socket, $0, $1) }
    }

    /// The user that the peer of a Unix socket ran as when it connected; nil where the system does not say.
    static func peerUserID(_ socket: Int32) -> UInt32? {
        // `struct ucred` of Linux: process, user, group.
        var credentials: (processID: Int32, userID: UInt32, groupID: UInt32) = (0, 0, 0)
        var size = socklen_t(MemoryLayout.size(ofValue: credentials))
        guard getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 else {
            return nil
        }
        return credentials.userID
    }

    private static func address(
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> SocketAddress? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { storage in
            let code = storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &size) }
            guard code == 0 else {
                return nil
            }
            switch Int32(storage.pointee.ss_family) {
            case AF_INET:
                return storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) }
            case AF_INET6:
                return storage.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) }
            default:
                return nil
            }
        }
    }
}
