import MintmarkCrypto
import Synchronization

/// What became of an event or record that recovery put in.
package enum SessionRecovery: Equatable, Sendable {
    case applied

    /// It changes a session that is not known, for which nothing needs to be remembered: it was opened in a tail that
    /// was lost.
    case ignored

    /// It contradicts what is there: an id that is opened twice, a rotation that does not follow.
    case contradiction
}

/// The store as a fold: of the events from the beginning, or of those after a snapshot's records.
///
/// Before the first operation, on one thread: put the records of the snapshot in, then the events in their order, each
/// to the parts whose mark is below it, and pass on how far they were durable when. The result equals the store that
/// wrote them, but for what is kept per start (who was touched, attempt ids).
extension SessionStore {
    /// Makes room for about as many sessions as are going to be put in.
    package func reserve(_ sessionCount: Int) {
        for box in shards {
            box.withLock { $0.reserve(sessionCount / shards.count) }
        }
    }

    /// Puts a record of a snapshot in. Its maximum number of records does not apply.
    package func load(_ record: SessionRecord, at mark: LogSequenceNumber) -> SessionRecovery {
        let state = record.state
        let isInserted = shard(of: state.id).withLock { shard in
            guard shard.find(state.id) == nil, shard.insert(record) else { return false }
            if !state.isRotationReleased, let place = shard.find(state.id) {
                shard.noteUnsettled(state.id, mark, rotation: .init(current: state.current, place: place))
            }
            return true
        }
        guard isInserted else { return .contradiction }
        let lifetimeSeconds = state.absoluteExpirySeconds - state.createdSeconds
        if lifetimeSeconds > recoveredLifetimeSeconds.load(ordering: .relaxed) {
            recoveredLifetimeSeconds.max(lifetimeSeconds, ordering: .relaxed)
        }
        recordCount.add(1, ordering: .relaxed)
        return .applied
    }

    /// Puts an event in that has the number `lsn`.
    package func apply(_ event: SessionEvent, at lsn: LogSequenceNumber) -> SessionRecovery {
        switch event {
        case .opened(var record):
            record.state.openLSN = lsn
            return load(record, at: lsn)
        case .changed(let id, let change):
            return apply(change, of: id, at: lsn)
        case .cutOff(let target, let facts):
            cutOffs.restore(target, CutOff(lsn: lsn, facts: facts))
        case .forced(let target, let storeSeconds):
            forcedMarks.restore(target, lsn: lsn, storeSeconds: storeSeconds)
        case .epochTaken(let epoch):
            epochs.raise(to: epoch)
        }
        return .applied
    }

    private func apply(_ change: SessionChange, of id: SessionID, at lsn: LogSequenceNumber) -> SessionRecovery {
        let result = shard(of: id).withLock { shard -> SessionRecovery? in
            guard let place = shard.find(id), let present = shard.load(at: place) else { return nil }
            guard !present.state.isTombstone else { return .ignored }
            if case .rotated(let rotation) = change {
                guard rotation.current > present.state.current else { return .contradiction }
            }
            var next = present
            next.state.apply(change, at: lsn)
            guard next.state.isConsistent else { return .contradiction }
            guard let reservation = shard.reserve(for: next, at: place, replacing: present) else {
                return .contradiction
            }
            shard.store(next, at: place, replacing: present, in: reservation)
            if case .rotated(let rotation) = change {
                shard.noteUnsettled(id, lsn, rotation: .init(current: rotation.current, place: place))
            }
            return .applied
        }
        if let result {
            return result
        }
        guard case .revoked(let reason, let expiry) = change else { return .ignored }
        return load(.tombstone(id, reason: reason, accessTokenExpirySeconds: expiry), at: lsn)
    }
}

// MARK: After recovery

extension SessionStore {
    /// Goes on from an earlier life: with the greatest `iat` that it may have handed out.
    package func resume(issuedAtMax: UInt64) {
        cutOffs.raiseIssuedAt(to: issuedAtMax)
    }

    /// Takes the epoch of this life, which is above all before, and gives the number that must be durable before the
    /// first operation. Nil when the journal cannot be written to, or when there is no greater epoch.
    package func beginEpoch(wallMilliseconds: UInt64) -> LogSequenceNumber? {
        let wallSeconds = wallMilliseconds / 1_000
        return epochs.take(above: epochs.greatest, wallSeconds: wallSeconds, random: random, journal: journal)
    }

    /// Mints with the epoch that was taken, now that it is durable.
    package func publishEpoch() {
        epochs.publish(upTo: journal.durableLSN)
    }

    /// The greatest epoch taken, durable or not.
    package var greatestEpoch: StoreEpoch {
        epochs.greatest
    }

    /// Lists the sessions of the clients whose policy caps those of a subject, oldest first, as opening them would have.
    package func listSubjects(ofClients clients: Set<[UInt8]>, now: SessionInstant) {
        guard !clients.isEmpty else { return }
        // What was listed under an earlier cap is out of date.
        subjects.removeAll(ofClients: clients)
        struct Listed {
            let id: SessionID
            let openLSN: LogSequenceNumber
            let terms: SessionTerms
        }
        var listed: [Listed] = []
        for number in 0..<shardCount {
            copyShard(number).forEach { record in
                let isOpen = record.state.revocation == nil && now.storeSeconds < record.state.expirySeconds
                guard isOpen, clients.contains(record.terms.client) else { return }
                listed.append(Listed(id: record.state.id, openLSN: record.state.openLSN, terms: record.terms))
            }
        }
        for session in listed.sorted(by: { $0.openLSN < $1.openLSN }) {
            subjects.withList(subject: session.terms.subject, client: session.terms.client) { $0.append(session.id) }
        }
    }
}

// MARK: After a failure of the journal

extension SessionStore {
    /// Writes the revocations and cut-offs that were made while the journal could not be written to, and which its way
    /// back may have missed. False when it cannot be written to again; then they are kept for the next time.
    package func journalHeldRevocations(now: SessionInstant) -> Bool {
        for box in shards {
            // Asked under the lock: whoever was refused has it until the revocation is in.
            let isWritten = box.withLock { shard in
                guard shard.revokedCount > 0 else { return true }
                for place in 0..<shard.placeCount {
                    guard let session = shard.load(at: place), session.isRevocationHeld else { continue }
                    guard revoke(session, at: place, .requested, &shard, now: now) == nil else { return false }
                }
                return true
            }
            guard isWritten else { return false }
        }
        return cutOffs.journalHeld(journal)
    }
}

/// A shard as it was at one moment.
package struct SessionShardCopy: Sendable {
    /// Every event of the shard up to this number is in it, and none above.
    package let mark: LogSequenceNumber
    private let shard: SessionShard

    fileprivate init(mark: LogSequenceNumber, shard: SessionShard) {
        self.mark = mark
        self.shard = shard
    }

    package var count: Int {
        shard.count
    }

    /// Calls `body` with every record, in no particular order.
    package func forEach(_ body: (SessionRecord) -> Void) {
        for place in 0..<shard.placeCount {
            if let session = shard.load(at: place) {
                body(shard.record(of: session, at: place))
            }
        }
    }
}

extension SessionStore {
    package var shardCount: Int {
        shards.count
    }

    /// Whether a session was opened before a cut-off that concerns it.
    package func isCutOff(_ record: SessionRecord) -> Bool {
        let terms = record.terms
        return cutOffs.cutOffLSN(
            subject: terms.subject.span.bytes,
            client: terms.client.span.bytes,
            openLSN: record.state.openLSN
        ) != nil
    }

    /// Copies a shard, for a snapshot. Under the lock this costs no more than its list of chunks; while the copy lives,
    /// the first change in a chunk of 16 KiB copies that chunk.
    package func copyShard(_ number: Int) -> SessionShardCopy {
        shards[number].withLock { SessionShardCopy(mark: journal.lastLSN, shard: $0) }
    }
}
