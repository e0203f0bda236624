package import MintmarkCrypto

/// The life of all signing keys of a server: prepared → active → retired → removed, and revoked from anywhere.
///
/// Pure: the time comes in with every step, and a step gives the next ledger or says why there is none. Whoever keeps
/// it makes the next one durable before anything follows from it. Exactly one key is active in every ledger there is:
/// the steps that end an active key begin another in the same step.
package struct KeyLedger: Equatable, Sendable {
    /// In the order in which the keys came.
    package private(set) var records: [KeyRecord]
    /// Counts the steps.
    package private(set) var sequence: UInt64

    /// A ledger whose one key signs from now on.
    package init(_ publicKey: Ed25519PublicKey, policy: KeyPolicy, now: UInt64) {
        var record = KeyRecord(publicKey, state: .active, preparedAt: now)
        record.activatedAt = now
        record.tokenLifetimeSeconds = policy.tokenLifetimeSeconds
        records = [record]
        sequence = 1
    }

    /// A ledger of records that were read; nil unless exactly one is active, no key occurs twice, and the bounds hold.
    init?(records: [KeyRecord], sequence: UInt64) {
        self.records = records
        self.sequence = sequence
        guard isSound else { return nil }
    }

    private var isSound: Bool {
        records.count { $0.state == .active } == 1
            && Set(records.map(\.publicKey)).count == records.count
            && liveCount <= KeyLimits.liveKeysMax
            && records.count { $0.state == .revoked } <= KeyLimits.revokedKeysMax
            && records.count { $0.state == .removed } <= KeyLimits.removedKeysMax
    }

    /// The key that signs.
    package var active: KeyRecord {
        guard let active = records.first(where: { $0.state == .active }) else {
            preconditionFailure("no key of a ledger is active")
        }
        return active
    }

    /// How many of the remembered keys were revoked at any time.
    package var revokedCount: Int { records.count(where: \.wasRevoked) }

    /// Whether the next revocation could make the oldest revoked key be forgotten. From here on a key that somebody brings
    /// could be one that was revoked.
    package var isRevokedMemoryFull: Bool { revokedCount >= KeyLimits.revokedKeysMax + KeyLimits.removedKeysMax }

    package var liveCount: Int { records.count { $0.state.isLive } }

    package func record(of publicKey: Ed25519PublicKey) -> KeyRecord? {
        records.first { $0.publicKey == publicKey }
    }

    package func record(withID keyID: [UInt8]) -> KeyRecord? {
        records.first { $0.keyID == keyID }
    }

    /// The same without keys that are gone, of which nobody is told.
    package func knownRecord(withID keyID: [UInt8]) -> KeyRecord? {
        record(withID: keyID).flatMap { $0.state == .removed ? nil : $0 }
    }
}

/// Why a step cannot be taken.
package enum KeyRefusal: Error, Equatable, Sendable {
    /// No key has that id.
    case unknown
    /// The key is in another state than the step needs.
    case state(KeyRecord.State)
    /// What the key would sign with is not there.
    case privateHalfMissing
    /// It was published too recently: those who verify may not know it before then, seconds since 1970.
    case tooSoon(until: UInt64)
    /// There are `KeyLimits.liveKeysMax` keys.
    case full
    /// The key comes from elsewhere, and so many keys were revoked that it could be one that is not remembered.
    case revokedMemoryFull
}

extension KeyRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknown: "no key has that id"
        case .state(let state): "the key is \(state)"
        case .privateHalfMissing: "its private half is not there"
        case .tooSoon(let instant): "the key was published too recently; it can be used from \(instant) on"
        case .full: "there are \(KeyLimits.liveKeysMax) keys, and that is the most"
        case .revokedMemoryFull:
            "so many keys were revoked that one from a file could be among those forgotten: let the server make keys"
        }
    }
}

// MARK: - Steps

extension KeyLedger {
    /// Publishes a key that will sign later. One that is prepared already stays as it is.
    ///
    /// - Parameter isNew: it was made just now, so it was never revoked, whoever remembers that.
    package mutating func prepare(
        _ publicKey: Ed25519PublicKey,
        isNew: Bool = false,
        now: UInt64
    ) throws(KeyRefusal) {
        if let known = record(of: publicKey) {
            guard known.state == .prepared else { throw .state(known.state) }
            return
        }
        guard liveCount < KeyLimits.liveKeysMax else { throw .full }
        guard isNew || !isRevokedMemoryFull else { throw .revokedMemoryFull }
        records.append(KeyRecord(publicKey, state: .prepared, preparedAt: now))
        stepped()
    }

    /// Lets a prepared key sign, and retires the one that signed. Of the key that signs already nothing is asked.
    ///
    /// - Parameters:
    ///   - atOnce: also when it was published too recently for everybody to know it.
    ///   - leadSeconds: by how much `now` may be ahead: the key must have been published so much longer.
    package mutating func activate(
        _ keyID: [UInt8],
        atOnce: Bool = false,
        policy: KeyPolicy,
        now: UInt64,
        leadSeconds: UInt64 = 0
    ) throws(KeyRefusal) {
        let refusal = refusal(
            ofActivating: keyID,
            atOnce: atOnce,
            policy: policy,
            now: now,
            leadSeconds: leadSeconds
        )
        if let refusal { throw refusal }
        guard let index = records.firstIndex(where: { $0.keyID == keyID }), records[index].state != .active else {
            return
        }
        retireActive(now: now)
        begin(index, policy: policy, now: now)
        stepped()
    }

    /// Why `activate` would be refused; nil: it would not.
    package func refusal(
        ofActivating keyID: [UInt8],
        atOnce: Bool,
        policy: KeyPolicy,
        now: UInt64,
        leadSeconds: UInt64 = 0
    ) -> KeyRefusal? {
        guard let record = record(withID: keyID) else { return .unknown }
        guard record.state != .active else { return nil }
        guard record.state == .prepared else { return .state(record.state) }
        let usableAt = policy.usableAt(record) + leadSeconds
        return atOnce || now >= usableAt ? nil : .tooSoon(until: usableAt)
    }

    /// Refuses a key's tokens for good. One that was revoked before stays as it is.
    ///
    /// - Parameter successor: signs from now on when the key was the active one: a prepared key, or a new one.
    package mutating func revoke(
        _ keyID: [UInt8],
        successor: Ed25519PublicKey?,
        policy: KeyPolicy,
        now: UInt64
    ) throws(KeyRefusal) {
        guard let index = records.firstIndex(where: { $0.keyID == keyID }) else { throw .unknown }
        guard records[index].state != .revoked else { return }
        guard records[index].state != .removed else { throw .unknown }
        if records[index].state == .active {
            guard let successor else { preconditionFailure("the active key is revoked without a successor") }
            let known = records.firstIndex { $0.publicKey == successor }
            if let known, records[known].state != .prepared { throw .state(records[known].state) }
            records[index].retiredAt = now
            if known == nil {
                records.append(KeyRecord(successor, state: .prepared, preparedAt: now))
            }
            begin(known ?? records.count - 1, policy: policy, now: now)
        }
        records[index].state = .revoked
        records[index].endedAt = now
        forgetOldest(.revoked, beyond: KeyLimits.revokedKeysMax, now: now)
        stepped()
    }

    /// Ends a retired key: no token of its can be good any more.
    package mutating func remove(_ keyID: [UInt8], now: UInt64) throws(KeyRefusal) {
        guard let index = records.firstIndex(where: { $0.keyID == keyID }) else { throw .unknown }
        guard records[index].state == .retired else { throw .state(records[index].state) }
        guard now >= records[index].removableAt else { throw .tooSoon(until: records[index].removableAt) }
        records[index].state = .removed
        records[index].endedAt = now
        forgetOldest(.removed, beyond: KeyLimits.removedKeysMax, now: now)
        stepped()
    }

    /// Takes over what signing needs to be known of before it happens: how long tokens live from now on, and that no
    /// instant lies in the future, which it does after the clock was set back.
    ///
    /// - Returns: whether anything changed.
    package mutating func adapt(to policy: KeyPolicy, now: UInt64) -> Bool {
        let before = records
        for index in records.indices {
            // An instant ahead of the clock tells nothing of how long ago it was: the count begins anew.
            records[index].preparedAt = min(records[index].preparedAt, now)
            records[index].activatedAt = min(records[index].activatedAt, now)
            if records[index].state == .active {
                let lifetime = max(records[index].tokenLifetimeSeconds, policy.tokenLifetimeSeconds)
                records[index].tokenLifetimeSeconds = lifetime
            }
        }
        guard records != before else { return false }
        stepped()
        return true
    }

    private mutating func begin(_ index: Int, policy: KeyPolicy, now: UInt64) {
        records[index].state = .active
        records[index].activatedAt = now
        records[index].tokenLifetimeSeconds = policy.tokenLifetimeSeconds
    }

    private mutating func retireActive(now: UInt64) {
        for index in records.indices where records[index].state == .active {
            records[index].state = .retired
            records[index].retiredAt = now
        }
    }

    private mutating func forgetOldest(_ state: KeyRecord.State, beyond countMax: Int, now: UInt64) {
        while records.count(where: { $0.state == state }) > countMax {
            let ended = records.indices.filter { records[$0].state == state }
            // Of removed keys those that were never revoked go first: bringing one back does no harm.
            let dispensable = ended.filter { state == .revoked || !records[$0].wasRevoked }
            let candidates = dispensable.isEmpty ? ended : dispensable
            guard let oldest = candidates.min(by: { records[$0].endedAt < records[$1].endedAt }) else { return }
            if state == .revoked {
                records[oldest].state = .removed
                records[oldest].retiredAt = 0
                forgetOldest(.removed, beyond: KeyLimits.removedKeysMax, now: now)
            } else {
                records.remove(at: oldest)
            }
        }
    }

    private mutating func stepped() {
        sequence += 1
    }
}
