public import MintmarkWire

/// Why a call failed.
///
/// Every error says two things beside its ``code``: whether the same call may succeed later (``isRetryable``), and
/// whether it may have been carried out although it failed (``isOutcomeUnknown``).
public struct MintmarkError: Error, Hashable, Sendable {
    /// What kind of failure it is.
    public let code: Code

    /// One line for people. Never a token or a claim.
    public let message: String

    /// What the server answered, where it answered an error. The number may be one that this version does not know.
    public let status: StatusCode?

    /// The name of the field at fault, such as `subject`, where the server named one.
    public let field: String?

    /// How old the refresh token was, with the status REUSED.
    public let reuseClass: ReuseClass?

    /// The permission that refused, with the status NOT_PERMITTED, such as `audiences`.
    public let rule: String?

    /// How long to wait before the same call, where the server said so.
    public let retryAfter: Duration?

    /// The number of the user that the server runs as, where that is not one to trust: ``Code/serverUntrusted``.
    public let serverUserID: UInt32?

    /// Whether the same call may succeed later.
    public let isRetryable: Bool

    /// Whether the call may have been carried out although it failed: a session may have been opened, refreshed or
    /// revoked. Always false for calls that change nothing at the server.
    public let isOutcomeUnknown: Bool

    init(
        _ code: Code,
        _ message: String,
        status: StatusCode? = nil,
        field: String? = nil,
        reuseClass: ReuseClass? = nil,
        rule: String? = nil,
        retryAfter: Duration? = nil,
        serverUserID: UInt32? = nil,
        isOutcomeUnknown: Bool = false
    ) {
        self.code = code
        self.message = message
        self.status = status
        self.field = field
        self.reuseClass = reuseClass
        self.rule = rule
        self.retryAfter = retryAfter
        self.serverUserID = serverUserID
        self.isRetryable = status?.isRetryable ?? code.isRetryable
        self.isOutcomeUnknown = isOutcomeUnknown
    }
}

extension MintmarkError {
    /// Whether the same call will fail again.
    public var isTerminal: Bool { !isRetryable }

    /// The same error, of a call that may have been carried out.
    func withOutcome(unknown: Bool) -> MintmarkError {
        MintmarkError(
            code,
            message,
            status: status,
            field: field,
            reuseClass: reuseClass,
            rule: rule,
            retryAfter: retryAfter,
            serverUserID: serverUserID,
            isOutcomeUnknown: unknown
        )
    }
}

extension MintmarkError: CustomStringConvertible {
    /// The code or the status, and the message.
    public var description: String {
        let name = status.map { "\($0) (\($0.rawValue))" } ?? "\(code)"
        return "\(name): \(message)" + (isOutcomeUnknown ? " (the outcome is unknown)" : "")
    }
}

extension MintmarkError.Code {
    fileprivate var isRetryable: Bool {
        switch name {
        case .cannotConnect, .connectionLost, .deadlineExceeded, .queueFull: true
        // Certificates are replaced while clients live: at this side or at the other.
        case .tlsSettingsUnusable, .tlsHandshakeFailed: true
        case .server, .serverUntrusted, .plaintextRefused, .authenticationRequired, .protocolViolation: false
        case .invalidRequest, .cancelled, .shutDown: false
        }
    }
}

extension MintmarkError {
    /// An error that the server answered.
    init(_ response: ErrorResponse) {
        self.init(
            .server,
            response.message,
            status: response.status,
            field: response.field.map { Tag(rawValue: $0)?.name ?? "field \($0)" },
            reuseClass: response.reuseClass,
            rule: response.rule,
            retryAfter: response.retryAfterMilliseconds.map { .milliseconds($0) }
        )
    }

    /// What is told to calls without an answer when the server has closed their connection with an error. It was said of
    /// the connection: the same call may succeed on another.
    init(closing response: ErrorResponse) {
        self.init(.connectionLost, "the server closed the connection: \(response.status): \(response.message)")
    }

    /// A server that does not keep to the protocol.
    init(_ violation: ProtocolViolation) {
        self.init(.protocolViolation, violation.description)
    }

    /// A client that takes no more calls, or has ended.
    static let shutDown = MintmarkError(.shutDown, "the client was shut down")

    /// A request whose frame cannot be written.
    init(unsendable error: WireError) {
        self.init(.invalidRequest, "the request cannot be sent: \(error)")
    }
}
