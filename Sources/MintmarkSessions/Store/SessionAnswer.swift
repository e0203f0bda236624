/// How an OPEN or REFRESH ended.
package enum SessionAnswer: Equatable, Sendable {
    /// The grant is filled. It may be answered once everything up to this number is durable.
    case granted(after: LogSequenceNumber)

    case refused(SessionRejection)

    /// Nothing was decided: the same call again, once everything up to this number is durable.
    case again(after: LogSequenceNumber)
}

/// A refused call, with what an audit wants to know.
package struct SessionRejection: Equatable, Sendable {
    package let refusal: SessionRefusal

    /// It may be answered once everything up to this number is durable.
    package var after = LogSequenceNumber.zero

    /// The session concerned, if there is one.
    package var sessionID: SessionID?

    /// Present when the call revoked the session because a token was used again.
    package var reuse: ReuseReport?

    /// Whether the call revoked the session because it was another client's.
    package var hasRevokedForeign = false

    /// Whether the call opened a session all the same, which the grant tells of.
    package var hasOpened = false

    package init(_ refusal: SessionRefusal) {
        self.refusal = refusal
    }
}

/// What was seen when a token was used again.
package struct ReuseReport: Equatable, Sendable {
    package let kind: ReuseKind

    /// On the service clock.
    package let millisecondsSinceRotation: UInt64
}
