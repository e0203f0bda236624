/// An OPEN: where in the bytes of the request its parts are. Their form has been checked.
package struct OpenRequest: Equatable, Sendable {
    package var subject: Range<Int>

    /// Items of a u16 length, big-endian, and as many bytes.
    package var audience: Range<Int>
    package var scope: Range<Int>?
    package var claims: Range<Int>?
    package var context: Range<Int>?

    /// 16 bytes.
    package var attemptID: Range<Int>?
    package var accessTokenTTLSeconds: UInt32?

    package init(subject: Range<Int>, audience: Range<Int>) {
        self.subject = subject
        self.audience = audience
    }
}

/// A REFRESH: where in the bytes of the request its parts are. Their form has been checked, the token's has not.
package struct RefreshRequest: Equatable, Sendable {
    package var token: Range<Int>

    /// A part of the session's audience; nil: all of it.
    package var audience: Range<Int>?

    /// A part of the session's scope; nil: all of it.
    package var scope: Range<Int>?
    package var context: Range<Int>?
    package var accessTokenTTLSeconds: UInt32?

    package init(token: Range<Int>) {
        self.token = token
    }
}

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

    package init(_ refusal: SessionRefusal) {
        self.refusal = refusal
    }
}

/// What was seen when a token was used again.
package struct ReuseReport: Equatable, Sendable {
    package let reuseClass: ReuseClass

    /// On the service clock.
    package let millisecondsSinceRotation: UInt64
}
