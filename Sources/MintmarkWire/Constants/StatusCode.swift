/// A status number as it travels, known to this version or not.
///
/// A peer may be newer. Its unknown numbers keep their meaning by their hundreds: an unknown 1xx closes the connection,
/// unknown 4xx and 5xx may be retried, everything else is terminal.
public struct StatusCode: RawRepresentable, Hashable, Sendable {
    /// The number.
    public let rawValue: UInt16

    /// A number as it came.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The number of a status of version 1.
    public init(_ status: Status) {
        rawValue = status.rawValue
    }

    /// The status of version 1 with this number, or nil.
    public var status: Status? { Status(rawValue: rawValue) }

    /// Whether the same request may succeed later, or on a new connection.
    public var isRetryable: Bool {
        switch status {
        case .handshakeTimeout, .frameTimeout, .shuttingDown: true
        default: (400...599).contains(rawValue)
        }
    }

    /// Whether the connection closes behind the error.
    public var closesConnection: Bool { (100...199).contains(rawValue) }
}

extension StatusCode: CustomStringConvertible {
    /// The status' name, or the number of an unknown one.
    public var description: String { status?.name ?? "STATUS_\(rawValue)" }
}

extension Status {
    /// Whether the same request may succeed later, or on a new connection.
    public var isRetryable: Bool { StatusCode(self).isRetryable }

    /// Whether the connection closes behind the error.
    public var closesConnection: Bool { StatusCode(self).closesConnection }

    /// Whether the error carries the id of the frame at fault; otherwise it carries 0, as it answers no one request.
    public var echoesRequestID: Bool {
        switch self {
        case .frameLength, .helloExpected, .pipelineTooEarly, .requestIDZero: false
        case .handshakeTimeout, .frameTimeout, .shuttingDown, .tlsRequired, .clientGone: false
        default: true
        }
    }
}
