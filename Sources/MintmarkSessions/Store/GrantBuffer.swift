import MintmarkCrypto

/// Where the store puts what an OPEN or REFRESH that succeeds gives its caller: all that the next access token is made
/// of, and the refresh token.
///
/// Owned by the caller and used again: filling it keeps the capacity of ``bytes``. A value; whoever holds it may use it.
package struct GrantBuffer: Sendable {
    /// The texts of the session that the ranges point into.
    package fileprivate(set) var bytes: [UInt8] = []

    package fileprivate(set) var client = 0..<0
    package fileprivate(set) var subject = 0..<0

    /// Items of a u16 length, big-endian, and as many bytes. What was asked for if it was less than the session's.
    package fileprivate(set) var audience = 0..<0

    /// Empty: none. What was asked for if it was less than the session's.
    package fileprivate(set) var scope = 0..<0

    /// Empty: none.
    package fileprivate(set) var claims = 0..<0

    /// Absent, hence empty, while the store's `admit` argument looks at the grant.
    package fileprivate(set) var refreshToken = 0..<0

    package fileprivate(set) var sessionID = SessionID(high: 0, low: 0)
    package fileprivate(set) var outcome = RotationOutcome.unchanged
    /// Whether it repeats an OPEN, and so opens no session.
    package internal(set) var isRepeatedOpen = false
    /// Whether no rate refuses or counts it.
    package internal(set) var isExemptFromRate = false

    /// Which refresh token the answer carries; of an introspection, which it is about.
    package fileprivate(set) var generation = TokenGeneration(epoch: StoreEpoch(rawValue: 0), number: 0)

    /// `iat` and `exp` of the access token, wall clock.
    package fileprivate(set) var issuedAtSeconds: UInt64 = 0
    package fileprivate(set) var expiresAtSeconds: UInt64 = 0

    /// Store time. What is told to clients is the remaining time, because their clock and the wall clock may differ.
    package fileprivate(set) var storeSeconds: UInt64 = 0
    package fileprivate(set) var createdSeconds: UInt64 = 0
    package fileprivate(set) var lastUsedSeconds: UInt64 = 0
    package fileprivate(set) var refreshExpirySeconds: UInt64 = 0
    package fileprivate(set) var sessionExpirySeconds: UInt64 = 0

    /// Generations in a row with a grace answer, this one included. To be audited from 8 on.
    package fileprivate(set) var graceStreak: UInt16 = 0

    package init() {}

    /// Seconds until the refresh token expires if it is not used.
    package var refreshExpiresInSeconds: UInt32 {
        UInt32(clamping: refreshExpirySeconds.subtractingOrZero(storeSeconds))
    }

    /// Seconds until the session expires whatever happens.
    package var sessionExpiresInSeconds: UInt32 {
        UInt32(clamping: sessionExpirySeconds.subtractingOrZero(storeSeconds))
    }
}

/// What a REFRESH that succeeds did. The raw value is that of the protocol.
package enum RotationOutcome: UInt8, CaseIterable, Sendable {
    case rotated = 1
    case sameSuccessor = 2
    case unchanged = 3
    case fastForward = 4
}

extension GrantBuffer {
    /// Takes the session's texts over, all of them.
    mutating func fill(from shard: SessionShard, _ session: PackedSession, at place: Int) {
        bytes.removeAll(keepingCapacity: true)
        shard.withSharedTerms(of: session) { shared in
            let terms = append(shared.bytes.span.bytes)
            client = terms.lowerBound..<terms.lowerBound + shared.clientByteCount
            audience = client.upperBound..<client.upperBound + shared.audienceByteCount
            scope = audience.upperBound..<terms.upperBound
        }
        shard.withTexts(of: session, at: place) { subject, claims in
            self.subject = append(subject.bytes)
            self.claims = append(claims.bytes)
        }
        refreshToken = 0..<0
        sessionID = session.state.id
    }

    /// Takes the texts of a session over that is about to begin.
    mutating func fill(from record: SessionRecord) {
        bytes.removeAll(keepingCapacity: true)
        client = append(record.terms.client.span.bytes)
        audience = append(record.terms.audience.span.bytes)
        scope = append(record.terms.scope.span.bytes)
        subject = append(record.terms.subject.span.bytes)
        claims = append(record.terms.claims.span.bytes)
        refreshToken = 0..<0
        sessionID = record.state.id
    }

    /// Takes the numbers over.
    mutating func fill(
        from state: SessionState,
        outcome: RotationOutcome,
        expiresAtSeconds: UInt64,
        now: SessionInstant
    ) {
        self.outcome = outcome
        isRepeatedOpen = false
        isExemptFromRate = false
        self.expiresAtSeconds = expiresAtSeconds
        generation = state.current
        storeSeconds = now.storeSeconds
        createdSeconds = state.createdSeconds
        lastUsedSeconds = state.lastUsedSeconds
        refreshExpirySeconds = state.expirySeconds
        sessionExpirySeconds = state.absoluteExpirySeconds
        graceStreak = state.graceUses > 0 ? state.graceStreak.addingOrMax(1) : state.graceStreak
    }

    /// Replaces audience or scope by the part asked for.
    mutating func narrow(audience: Range<Int>?, scope: Range<Int>?, in body: RawSpan) {
        if let audience {
            self.audience = append(body.extracting(audience))
        }
        if let scope {
            self.scope = append(body.extracting(scope))
        }
    }

    /// Says when the access token is issued.
    mutating func issue(atSeconds seconds: UInt64) {
        issuedAtSeconds = seconds
    }

    /// Says which token an introspection is about.
    mutating func describe(_ generation: TokenGeneration) {
        self.generation = generation
    }

    /// Whether `clientID` is the client that the session belongs to.
    func isClient(_ clientID: [UInt8]) -> Bool {
        bytes.span.bytes.extracting(client).isEqual(to: clientID.span.bytes)
    }

    func isSubject(_ subject: [UInt8]) -> Bool {
        bytes.span.bytes.extracting(self.subject).isEqual(to: subject.span.bytes)
    }

    /// Makes the refresh token.
    mutating func appendRefreshToken(_ codec: RefreshTokenCodec) {
        let start = bytes.count
        codec.encode(RefreshToken(sessionID: sessionID, generation: generation), appendingTo: &bytes)
        refreshToken = start..<bytes.count
    }

    private mutating func append(_ text: RawSpan) -> Range<Int> {
        let start = bytes.count
        bytes.append(copying: text)
        return start..<bytes.count
    }
}
