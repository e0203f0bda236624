/// A revocation of everything of a subject, of a client, or of all, without enumeration.
package struct CutOff: Equatable, Sendable {
    /// What the journal keeps of it.
    package struct Facts: Equatable, Sendable {
        /// T: access tokens of the target with `iat` at or before this are refused; those made afterwards carry more.
        package let issuedAtMax: UInt64

        /// Store time when it was made, for its retention.
        package let storeSeconds: UInt64

        package init(issuedAtMax: UInt64, storeSeconds: UInt64) {
            self.issuedAtMax = issuedAtMax
            self.storeSeconds = storeSeconds
        }
    }

    /// Sessions opened before it are revoked.
    package var lsn: LogSequenceNumber
    package var facts: Facts
    /// Whether a token may have been issued with the least `iat` that T leaves. Working state, no part of the value.
    var hasIssuedBehind = false
    /// Whether it was made while the journal could not be written to, and nothing was written since. Working state, too.
    var isHeld = false

    package init(lsn: LogSequenceNumber, facts: Facts) {
        self.lsn = lsn
        self.facts = facts
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.lsn == right.lsn && left.facts == right.facts
    }

    /// The least `iat` of what is issued afterwards.
    var leastIssuedAt: UInt64 {
        SessionInstant.adding(1, to: facts.issuedAtMax)
    }

    /// One cut-off that reaches as far as both.
    func merging(_ other: CutOff) -> CutOff {
        let facts = Facts(
            issuedAtMax: max(facts.issuedAtMax, other.facts.issuedAtMax),
            storeSeconds: max(facts.storeSeconds, other.facts.storeSeconds)
        )
        var merged = CutOff(lsn: max(lsn, other.lsn), facts: facts)
        merged.hasIssuedBehind = other.hasIssuedBehind
        merged.isHeld = other.isHeld
        return merged
    }
}
