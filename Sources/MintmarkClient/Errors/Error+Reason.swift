import Glibc
import NIOCore
import NIOPosix

extension Error {
    /// A failure of a socket or of name resolution, without the machinery's own words.
    var reasonForPeople: String {
        switch self {
        case let error as NIOConnectionError:
            let cause = error.connectionErrors.last?.error ?? error.dnsAError ?? error.dnsAAAAError
            return cause.map { $0.reasonForPeople } ?? "\(error.host) has no address"
        case let error as SocketAddressError.UnknownHost:
            return "\(error.host): \(error.errorDescription)"
        case let error as IOError:
            return String(cString: strerror(error.errnoCode))
        case let error as MintmarkError:
            return error.message
        default:
            return "\(self)"
        }
    }
}
