package import MintmarkCrypto

extension KeyLedger {
    /// A step that time asks for.
    package enum Due: Equatable, Sendable {
        /// A key has to be prepared, so that it is known in time.
        case prepare
        case activate([UInt8])
        case remove([UInt8])
    }

    /// The first step that is due, or nil. To be asked again behind each step.
    ///
    /// - Parameter canSign: whether the private half of a prepared key is at hand; another one waits for ever.
    package func due(policy: KeyPolicy, now: UInt64, canSign: (KeyRecord) -> Bool) -> Due? {
        if let gone = records.first(where: { $0.state == .retired && now >= $0.removableAt }) {
            return .remove(gone.keyID)
        }
        guard let rotation = policy.rotationSeconds else { return nil }
        let rotationAt = active.activatedAt + rotation
        guard let next = nextKey(canSign: canSign) else {
            let isTime = now + policy.publicationSeconds >= rotationAt
            return isTime && liveCount < KeyLimits.liveKeysMax ? .prepare : nil
        }
        let isTime = now >= max(rotationAt, next.preparedAt + policy.publicationSeconds)
        return isTime ? .activate(next.keyID) : nil
    }

    /// For how long a clock that has run ahead is not to be believed. By then every token has expired of a key that would
    /// be removed too early, and everybody knows a key that would sign too early.
    package func patienceSeconds(policy: KeyPolicy) -> UInt64 {
        let lifetimes = records.filter { $0.state.isLive }.map(\.tokenLifetimeSeconds)
        return max(UInt64(lifetimes.max() ?? 0) + KeyLimits.leewaySecondsMax, policy.publicationSeconds)
    }

    /// The prepared key that signs next: the one that was published first.
    package func nextKey(canSign: (KeyRecord) -> Bool) -> KeyRecord? {
        records.filter { $0.state == .prepared && canSign($0) }.min { $0.preparedAt < $1.preparedAt }
    }
}

extension KeyLedger {
    /// The ring of the keys that are live or revoked, the active one first.
    ///
    /// - Parameter signingKey: the private half of the active key.
    package func ring(signingKey: Ed25519SigningKey, algorithm: KeyRing.Algorithm) throws(KeyRingError) -> KeyRing {
        let others = records.filter { $0.state != .active }
        let keys = ([active] + others).compactMap { $0.ringKey(algorithm: algorithm) }
        return try KeyRing(keys, signingKey: signingKey)
    }
}
