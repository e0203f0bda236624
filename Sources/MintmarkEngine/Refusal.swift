package import MintmarkSessions
package import MintmarkWire

/// Why a request is answered with an error, and what must be durable before that answer leaves.
package struct Refusal: Error, Equatable, Sendable {
    package var error: WireError
    /// With REUSED: how old the token was.
    package var reuseClass: ReuseClass?
    /// The log sequence number that the error tells of; `.zero` when it tells of no change.
    package var lsn: LogSequenceNumber

    package init(_ error: WireError, reuseClass: ReuseClass? = nil, lsn: LogSequenceNumber = .zero) {
        self.error = error
        self.reuseClass = reuseClass
        self.lsn = lsn
    }

    package init(_ status: Status, field: Tag? = nil, lsn: LogSequenceNumber = .zero) {
        self.init(WireError(status, field: field?.rawValue), lsn: lsn)
    }
}
