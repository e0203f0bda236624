package import MintmarkSessions
package import MintmarkWire

/// Why a request is answered with an error, and what must be durable before that answer leaves.
package struct Refusal: Error, Equatable, Sendable {
    package var error: WireError
    /// With REUSED: how old the token was.
    package var reuseClass: ReuseClass?
    /// The log sequence number that the error tells of; `.zero` when it tells of no change.
    package var lsn: LogSequenceNumber
    /// With NOT_PERMITTED: what refused.
    package var rule: PermissionRule?
    /// More about what is at fault, for people; never anything of the caller's data.
    package var detail: String?
    /// With RATE_LIMITED and, where it is known, BUSY: when to come again.
    package var retryAfterMilliseconds: UInt32?

    package init(_ error: WireError, reuseClass: ReuseClass? = nil, lsn: LogSequenceNumber = .zero) {
        self.error = error
        self.reuseClass = reuseClass
        self.lsn = lsn
    }

    package init(_ status: Status, field: Tag? = nil, lsn: LogSequenceNumber = .zero) {
        self.init(WireError(status, field: field?.rawValue), lsn: lsn)
    }

    package init(_ rule: PermissionRule, lsn: LogSequenceNumber = .zero) {
        self.init(.notPermitted, lsn: lsn)
        self.rule = rule
    }

    package init(retryAfterMilliseconds: UInt32, lsn: LogSequenceNumber = .zero) {
        self.init(.rateLimited, lsn: lsn)
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }
}
