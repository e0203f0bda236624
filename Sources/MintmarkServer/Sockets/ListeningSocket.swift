import Glibc
import NIOCore

/// Sockets of TCP that listen.
enum ListeningSocket {
    /// Connections that may wait for being accepted, on each listener.
    static let backlog: Int32 = 1024

    /// A non-blocking socket that listens on `address`; with port 0 on a free one.
    ///
    /// - Parameter listens: false: it has the address, and nobody can connect.
    static func bind(_ address: ListenAddress, listens: Bool = true) throws(SocketFault) -> Int32 {
        let socketAddress = try address.socketAddress()
        let descriptor = socket(
            address.isIPv6 ? AF_INET6 : AF_INET,
            Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { throw SocketFault("socket") }
        do throws(SocketFault) {
            var isOn: Int32 = 1
            let size = socklen_t(MemoryLayout<Int32>.size)
            guard setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isOn, size) == 0 else {
                throw SocketFault("setsockopt")
            }
            // The system may be told to keep :: to IPv6; the configuration counts on the contrary.
            var isOff: Int32 = 0
            guard !address.isIPv6 || setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &isOff, size) == 0 else {
                throw SocketFault("setsockopt")
            }
            let code = socketAddress.withSockAddr { Glibc.bind(descriptor, $0, socklen_t($1)) }
            guard code == 0 else { throw SocketFault("bind") }
            guard !listens || listen(descriptor, backlog) == 0 else { throw SocketFault("listen") }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }
}

extension ListenAddress {
    fileprivate func socketAddress() throws(SocketFault) -> SocketAddress {
        do {
            return try SocketAddress(ipAddress: host, port: Int(port))
        } catch {
            // A host in numbers that its own reader took for one.
            throw SocketFault("bind", code: EINVAL)
        }
    }
}
