/// All of a session but its texts: what decisions are made on, as plain numbers.
///
/// A value without references. Changed only by ``apply(_:at:)`` and, for the two marked properties, by uses of the
/// session that are not worth an event.
package struct SessionState: Equatable, Sendable {
    package let id: SessionID

    /// The journal's number of its OPEN. Cut-offs and forced rotations above it concern the session.
    package var openLSN: LogSequenceNumber

    /// What the valid refresh token carries.
    package var current: TokenGeneration

    /// The epoch of the token before it, whose number is one less. Nil before the first rotation.
    package var previousEpoch: StoreEpoch?

    /// When the current generation began, on the service clock: when the rotation's answer was released, or until then
    /// when it was made. The grace window starts here.
    package var rotatedAtMilliseconds: UInt64

    /// Whether the answer of the rotation has been released. Until then grace calls are neither counted nor refused.
    package var isRotationReleased: Bool

    /// Grace answers given for the current generation and counted.
    package var graceUses: UInt16

    /// Generations in a row, up to the one before the current, that had a counted grace answer.
    package var graceStreak: UInt16

    /// Whether the current generation was given as a grace answer at all, counted or not.
    package var hasGraceAnswer: Bool

    /// Nil: the session's context is the absent one.
    package var contextHash: ContextHash?

    /// Store time, as are the next three.
    package let createdSeconds: UInt64

    /// May be ahead of the journal: a use without rotation is not always worth an event.
    package var lastUsedSeconds: UInt64

    package let absoluteExpirySeconds: UInt64
    package var idleExpirySeconds: UInt64

    /// The greatest `exp` of the session's access tokens. May be ahead of the journal like ``lastUsedSeconds``;
    /// a revocation raises it to what any token issued before can have.
    package var accessTokenExpirySeconds: UInt64

    /// Nil while the session is not revoked itself.
    package var revocation: RevocationReason?

    package var forcedRotation: ForcedRotation

    /// Whether this stands for a revoked session of which nothing else is known.
    package var isTombstone: Bool

    /// The token before the current one.
    package var previous: TokenGeneration? {
        previousEpoch.map { TokenGeneration(epoch: $0, number: current.number - 1) }
    }

    /// When the refresh token expires if it is not used: the earlier of both expiries.
    package var expirySeconds: UInt64 {
        min(idleExpirySeconds, absoluteExpirySeconds)
    }
}

extension SessionState {
    /// A session that has just been opened.
    ///
    /// - Parameter rotatedAtMilliseconds: the service clock now.
    package init(
        opening id: SessionID,
        epoch: StoreEpoch,
        createdSeconds: UInt64,
        idleExpirySeconds: UInt64,
        absoluteExpirySeconds: UInt64,
        rotatedAtMilliseconds: UInt64
    ) {
        self.id = id
        openLSN = .zero
        current = TokenGeneration(epoch: epoch, number: 0)
        previousEpoch = nil
        self.rotatedAtMilliseconds = rotatedAtMilliseconds
        isRotationReleased = true
        graceUses = 0
        graceStreak = 0
        hasGraceAnswer = false
        contextHash = nil
        self.createdSeconds = createdSeconds
        lastUsedSeconds = createdSeconds
        self.absoluteExpirySeconds = absoluteExpirySeconds
        self.idleExpirySeconds = min(idleExpirySeconds, absoluteExpirySeconds)
        accessTokenExpirySeconds = 0
        revocation = nil
        forcedRotation = .none
        isTombstone = false
    }
}

/// What a session knows of forced rotations. Two rotations carry one out: the first leaves tokens copied before it one
/// generation behind, the second, if nobody followed the first by a grace answer, leaves them out.
package struct ForcedRotation: Equatable, Sendable {
    /// No mark was ever met.
    package static let none = ForcedRotation(markLSN: .zero, stage: .done)

    package enum Stage: Equatable, Sendable {
        /// No rotation since the mark.
        case marked

        /// The current generation was begun under the mark.
        case begun

        /// A generation begun under the mark passed without a grace answer.
        case done
    }

    /// The newest mark met.
    package var markLSN: LogSequenceNumber
    package var stage: Stage

    package init(markLSN: LogSequenceNumber, stage: Stage) {
        self.markLSN = markLSN
        self.stage = stage
    }

    /// Whether the next refresh of the current token rotates whatever the policy.
    package var isPending: Bool {
        stage != .done
    }

    /// The same once a mark at `lsn` has been met.
    package func meeting(_ lsn: LogSequenceNumber?) -> ForcedRotation {
        guard let lsn, lsn > markLSN else { return self }
        return ForcedRotation(markLSN: lsn, stage: .marked)
    }

    /// The same after a rotation of a generation that was, or was not, given as a grace answer.
    package func rotated(hadGraceAnswer: Bool) -> ForcedRotation {
        switch stage {
        case .marked: ForcedRotation(markLSN: markLSN, stage: .begun)
        case .begun: ForcedRotation(markLSN: markLSN, stage: hadGraceAnswer ? .begun : .done)
        case .done: self
        }
    }
}
