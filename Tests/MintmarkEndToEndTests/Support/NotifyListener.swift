import Foundation
import Testing

/// The socket of a service manager, which keeps what it hears. Blocks while it waits, half a minute at most.
final class NotifyListener {
    let path: String
    private let descriptor: Int32

    init(in directory: String, name: String = "notify") throws {
        path = "\(directory)/\(name)"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(result == 0)
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(descriptor)
    }

    /// The next message that is not the watchdog's food; nil when none comes.
    func next() -> [String]? {
        while let message = receive() {
            if message != ["WATCHDOG=1"] { return message }
        }
        return nil
    }

    /// The lines of the next message of any kind.
    func receive() -> [String]? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
