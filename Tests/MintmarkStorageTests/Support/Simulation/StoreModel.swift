import MintmarkSessions

/// A store as a plain fold of its events: dictionaries, no files, no numbers but those of the events.
struct StoreModel: Sendable {
    private(set) var sessions: [SessionID: SessionRecord] = [:]
    private(set) var cutOffs: [SessionTarget: CutOff] = [:]
    private(set) var forcedRotations: [SessionTarget: LogSequenceNumber] = [:]

    /// What nobody can know: changes that were made while the journal refused them.
    struct Doubt: Sendable {
        private(set) var sessions: Set<SessionID> = []
        private(set) var targets: Set<SessionTarget> = []

        init(_ refused: [SessionEvent]) {
            for event in refused {
                switch event {
                case .changed(let id, .revoked): sessions.insert(id)
                case .cutOff(let target, _): targets.insert(target)
                default: break
                }
            }
        }
    }

    init() {}

    /// What is in a store now.
    init(of store: SessionStore) {
        for number in 0..<store.shardCount {
            let copy = store.copyShard(number)
            // Most are empty, and looking into all their places takes long.
            guard copy.count > 0 else { continue }
            copy.forEach { sessions[$0.state.id] = $0 }
        }
        for (target, cutOff) in store.cutOffs.entries {
            cutOffs[target] = cutOff
        }
        for entry in store.forcedMarks.entries {
            forcedRotations[entry.target] = entry.lsn
        }
    }

    mutating func apply(_ entry: RecordingJournal.Entry) {
        switch entry.event {
        case .opened(var record):
            record.state.openLSN = entry.lsn
            sessions[record.state.id] = record
        case .changed(let id, let change):
            if sessions[id] == nil, case .revoked(let reason, _) = change {
                sessions[id] = .revokedStub(id, reason)
            }
            sessions[id]?.state.apply(change, at: entry.lsn)
        case .cutOff(let target, let facts):
            let present = cutOffs[target]
            let merged = CutOff.Facts(
                issuedAtMax: max(present?.facts.issuedAtMax ?? 0, facts.issuedAtMax),
                storeSeconds: max(present?.facts.storeSeconds ?? 0, facts.storeSeconds)
            )
            cutOffs[target] = CutOff(lsn: max(present?.lsn ?? .zero, entry.lsn), facts: merged)
        case .forced(let target, _):
            forcedRotations[target] = entry.lsn
        case .epochTaken:
            break
        }
    }

    /// What distinguishes a store from this one; nil: nothing.
    func difference(from other: StoreModel, doubting doubt: Doubt) -> String? {
        guard sessions.count == other.sessions.count else {
            return "\(sessions.count) sessions, found \(other.sessions.count)"
        }
        for id in Set(sessions.keys).union(other.sessions.keys) {
            guard let mine = sessions[id] else { return "session \(id) should not be there" }
            guard let its = other.sessions[id] else { return "session \(id) is missing" }
            if let difference = mine.difference(from: its, mayBeRevoked: doubt.sessions.contains(id)) {
                return "session \(id): \(difference)"
            }
        }
        for target in Set(cutOffs.keys).union(other.cutOffs.keys) {
            if cutOffs[target] != other.cutOffs[target], !doubt.targets.contains(target) {
                return "cut-off of \(target): \(text(cutOffs[target])), is \(text(other.cutOffs[target]))"
            }
        }
        for target in Set(forcedRotations.keys).union(other.forcedRotations.keys) {
            if forcedRotations[target] != other.forcedRotations[target] {
                return "forced rotation of \(target) differs"
            }
        }
        return nil
    }

    private func text(_ cutOff: CutOff?) -> String {
        cutOff.map { "\($0.lsn.rawValue), \($0.facts)" } ?? "none"
    }
}

extension SessionRecord {
    /// What an event says of a session that is not known.
    fileprivate static func revokedStub(_ id: SessionID, _ reason: RevocationReason) -> SessionRecord {
        var state = SessionState(
            opening: id,
            epoch: StoreEpoch(rawValue: 0),
            createdSeconds: 0,
            idleExpirySeconds: 0,
            absoluteExpirySeconds: 0,
            rotatedAtMilliseconds: 0
        )
        state.isTombstone = true
        state.revocation = reason
        return SessionRecord(state: state, terms: SessionTerms(client: [], subject: [], audience: []))
    }

    /// Compares all that events decide. Not when a rotation was released, nor the two times that may be ahead of the
    /// journal.
    fileprivate func difference(from other: SessionRecord, mayBeRevoked: Bool) -> String? {
        let mine = state
        let its = other.state
        func compare<Value: Equatable>(_ name: String, _ path: KeyPath<SessionState, Value>) -> String? {
            mine[keyPath: path] == its[keyPath: path]
                ? nil : "\(name) \(mine[keyPath: path]), is \(its[keyPath: path])"
        }
        if mine.revocation != its.revocation, !(mayBeRevoked && its.revocation != nil) {
            return "revocation \(String(describing: mine.revocation)), is \(String(describing: its.revocation))"
        }
        if other.terms != terms {
            return "its terms differ"
        }
        let differences = [
            compare("opened by", \.openLSN), compare("current", \.current),
            compare("previous epoch", \.previousEpoch), compare("grace uses", \.graceUses),
            compare("grace streak", \.graceStreak), compare("grace answer", \.hasGraceAnswer),
            compare("context", \.contextHash), compare("created", \.createdSeconds),
            compare("absolute expiry", \.absoluteExpirySeconds), compare("idle expiry", \.idleExpirySeconds),
            compare("forced rotation", \.forcedRotation), compare("tombstone", \.isTombstone),
        ]
        return differences.lazy.compactMap(\.self).first
    }
}
