import CLinux
import Glibc

/// The datagram socket on which a service manager hears from its service (sd_notify(3), without its library).
///
/// A manager that does not listen keeps nobody waiting: what it does not take now is not sent. Owns its descriptor. Safe
/// to use from any thread.
final class NotifySocket: Sendable {
    /// Greatest path: `sun_path` has 108 bytes, the last or, for an abstract name, the first of which is NUL.
    static let pathLengthMax = 107

    private let descriptor: Int32
    /// With its NUL where it is a path; an abstract name begins with one.
    private let name: [UInt8]

    /// - Parameter path: `/run/…`, or `@…` for an abstract name. Nil for anything else, and without descriptors.
    init?(path: String) {
        let bytes = Array(path.utf8)
        guard let first = bytes.first, (2...Self.pathLengthMax).contains(bytes.count), !bytes.contains(0) else {
            return nil
        }
        switch first {
        case UInt8(ascii: "/"): name = bytes + [0]
        case UInt8(ascii: "@"): name = [0] + bytes.dropFirst()
        default: return nil
        }
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
    }

    deinit {
        close(descriptor)
    }

    /// Sends one message, lines of `NAME=value`; false when the manager did not take it.
    @discardableResult
    func send(_ text: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.offset(of: \.sun_path).map { $0 + name.count } ?? 0)
        let bytes = Array(text.utf8)
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        let count = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, flags, $0, length)
            }
        }
        return count == bytes.count
    }
}
