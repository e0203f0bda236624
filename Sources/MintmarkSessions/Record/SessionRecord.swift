/// Everything that is kept of a session.
package struct SessionRecord: Equatable, Sendable {
    package var state: SessionState
    package var terms: SessionTerms

    package init(state: SessionState, terms: SessionTerms) {
        self.state = state
        self.terms = terms
    }
}

/// What OPEN said about a session. Never changed.
package struct SessionTerms: Equatable, Sendable {
    package static let clientByteCountMax = 64
    package static let subjectByteCountMax = 256
    package static let audienceCountMax = 16
    package static let audienceByteCountMax = 256
    package static let scopeByteCountMax = 1_024
    package static let claimsByteCountMax = 4_096

    /// The id of the client the session belongs to.
    package let client: [UInt8]
    package let subject: [UInt8]

    /// Items of a u16 length, big-endian, and as many bytes.
    package let audience: [UInt8]

    /// Scope tokens separated by single spaces; empty: none.
    package let scope: [UInt8]

    /// Custom claims as a JSON object; empty: none.
    package let claims: [UInt8]

    package init(client: [UInt8], subject: [UInt8], audience: [UInt8], scope: [UInt8] = [], claims: [UInt8] = []) {
        self.client = client
        self.subject = subject
        self.audience = audience
        self.scope = scope
        self.claims = claims
    }

    /// What a tombstone has.
    static let none = SessionTerms(client: [], subject: [], audience: [])
}

extension SessionRecord {
    /// What is left of a revoked session whose record is not known.
    static func tombstone(_ id: SessionID, reason: RevocationReason, accessTokenExpirySeconds: UInt64) -> SessionRecord
    {
        var state = SessionState(
            opening: id,
            epoch: StoreEpoch(rawValue: 0),
            createdSeconds: 0,
            idleExpirySeconds: 0,
            absoluteExpirySeconds: 0,
            rotatedAtMilliseconds: 0
        )
        state.accessTokenExpirySeconds = accessTokenExpirySeconds
        state.revocation = reason
        state.isTombstone = true
        return SessionRecord(state: state, terms: .none)
    }
}
