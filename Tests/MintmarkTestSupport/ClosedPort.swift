import Glibc

/// A TCP port of the loopback where nobody listens, and nobody else can begin to for as long as the value is kept.
package final class ClosedPort {
    package struct Fault: Error {
        package let code: Int32
    }

    /// `127.0.0.1:PORT`.
    package let address: String
    private let descriptor: Int32

    package init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Fault(code: errno) }
        self.descriptor = descriptor
        // Bound and not listening: to connect there is refused.
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &place) { place in
            place.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                bind(descriptor, place, length) == 0 && getsockname(descriptor, place, &length) == 0 ? 0 : errno
            }
        }
        address = "127.0.0.1:\(UInt16(bigEndian: place.sin_port))"
        guard code == 0 else { throw Fault(code: code) }
    }

    deinit {
        close(descriptor)
    }
}
