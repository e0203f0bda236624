/// What the journal keeps: every change of the store, each complete in itself.
///
/// The store at any time is the fold of its events from the beginning, or from a snapshot: see
/// ``SessionState/apply(_:at:)`` and ``SessionStore/apply(_:at:)``.
package enum SessionEvent: Equatable, Sendable {
    /// A session began. The record's ``SessionState/openLSN`` is zero here: it is the event's own.
    case opened(SessionRecord)

    /// A session changed.
    case changed(SessionID, SessionChange)

    /// Everything of a target was revoked.
    case cutOff(SessionTarget, CutOff.Facts)

    /// Every session of a target shall rotate.
    case forced(SessionTarget, storeSeconds: UInt64)

    /// The store mints with a new epoch from here on.
    case epochTaken(StoreEpoch)
}

/// What a revocation or a forced rotation without enumeration is aimed at.
package enum SessionTarget: Hashable, Sendable {
    case subject([UInt8])
    case client([UInt8])
    case all
}

/// A change of one session. Carries what changes, not what stays.
package enum SessionChange: Equatable, Sendable {
    case rotated(SessionRotation)

    /// Used without rotation, late enough that its idle expiry was extended.
    case touched(lastUsedSeconds: UInt64, idleExpirySeconds: UInt64, accessTokenExpirySeconds: UInt64)

    /// The current token was given once more as a grace answer.
    case graced(uses: UInt16, accessTokenExpirySeconds: UInt64)

    case revoked(RevocationReason, accessTokenExpirySeconds: UInt64)

    /// The session was told to rotate; the event's number is the mark.
    case forced
}

/// A new generation, in full.
package struct SessionRotation: Equatable, Sendable {
    /// The generation that begins; the one before it has ``previousEpoch`` and the number one less.
    package let current: TokenGeneration
    package let previousEpoch: StoreEpoch
    package let rotatedAtMilliseconds: UInt64
    package let graceStreak: UInt16
    package let contextHash: ContextHash?
    package let lastUsedSeconds: UInt64
    package let idleExpirySeconds: UInt64
    package let accessTokenExpirySeconds: UInt64
    package let forcedRotation: ForcedRotation
}

extension SessionEvent {
    /// Whether the event is synced before its answer leaves, however relaxed the journal's mode.
    package var isAlwaysSynced: Bool {
        switch self {
        case .changed(_, .revoked), .cutOff, .epochTaken: true
        case .opened, .changed, .forced: false
        }
    }
}

extension SessionState {
    /// The session after a change that has the number `lsn`. Pure; the live store and recovery both go through here.
    ///
    /// A rotation's answer counts as not released: who knows better says so with ``released(atMilliseconds:)``.
    package mutating func apply(_ change: SessionChange, at lsn: LogSequenceNumber) {
        switch change {
        case .rotated(let rotation):
            apply(rotation)
        case .touched(let lastUsed, let idleExpiry, let accessTokenExpiry):
            lastUsedSeconds = max(lastUsedSeconds, lastUsed)
            idleExpirySeconds = idleExpiry
            accessTokenExpirySeconds = max(accessTokenExpirySeconds, accessTokenExpiry)
        case .graced(let uses, let accessTokenExpiry):
            hasGraceAnswer = true
            graceUses = uses
            accessTokenExpirySeconds = max(accessTokenExpirySeconds, accessTokenExpiry)
        case .revoked(let reason, let accessTokenExpiry):
            revocation = revocation ?? reason
            accessTokenExpirySeconds = max(accessTokenExpirySeconds, accessTokenExpiry)
        case .forced:
            forcedRotation = forcedRotation.meeting(lsn)
        }
    }

    /// The answer of the rotation that began the current generation left: the grace window starts.
    package mutating func released(atMilliseconds milliseconds: UInt64) {
        guard !isRotationReleased else { return }
        isRotationReleased = true
        rotatedAtMilliseconds = max(rotatedAtMilliseconds, milliseconds)
    }

    private mutating func apply(_ rotation: SessionRotation) {
        current = rotation.current
        previousEpoch = rotation.previousEpoch
        rotatedAtMilliseconds = rotation.rotatedAtMilliseconds
        isRotationReleased = false
        graceUses = 0
        graceStreak = rotation.graceStreak
        hasGraceAnswer = false
        contextHash = rotation.contextHash
        lastUsedSeconds = max(lastUsedSeconds, rotation.lastUsedSeconds)
        idleExpirySeconds = rotation.idleExpirySeconds
        accessTokenExpirySeconds = max(accessTokenExpirySeconds, rotation.accessTokenExpirySeconds)
        forcedRotation = rotation.forcedRotation
    }
}
