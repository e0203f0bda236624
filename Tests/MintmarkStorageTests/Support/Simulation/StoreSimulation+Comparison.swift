import MintmarkSessions
import MintmarkTestSupport

@testable import MintmarkStorage

/// Comparing.
extension StoreSimulation {
    /// Lets the answers leave that may, and takes note of it. After each step.
    func look() throws {
        guard fixture.isRunning else { return }
        greatestEpoch = max(greatestEpoch, fixture.store.epoch)
        try look(upTo: fixture.journal.durableLSN)
    }

    func look(upTo durable: LogSequenceNumber) throws {
        guard durable >= releasedLSN else { throw Breach("what was durable is not: \(durable)") }
        releasedLSN = durable
        ledger.released(upTo: durable)
    }

    /// Takes note, after a commit, of what a power loss must leave in the mode `interval`.
    func noteCommit() {
        guard case .interval(let milliseconds) = settings.mode, isWritable else { return }
        let now = fixture.milliseconds
        while let oldest = releases.first, oldest.milliseconds + milliseconds <= now {
            syncedLSN = max(syncedLSN, oldest.lsn)
            releases.removeFirst()
        }
        releases.append((fixture.journal.durableLSN, now))
    }

    /// A snapshot of everything so far is going to be taken; it may come to count.
    func noteSnapshot() {
        guard settings.mode == .snapshot else { return }
        var model = bases[bases.count - 1].model
        for entry in entries where entry.lsn > bases[bases.count - 1].lsn {
            model.apply(entry)
        }
        bases.append(Base(model: model, lsn: fixture.journal.lastLSN))
    }

    /// The snapshot that was noted last counts.
    func settleSnapshot() {
        bases.removeFirst(bases.count - 1)
    }

    /// Whether the store in memory is what its events say.
    func checkMemory() throws {
        guard let recording, settings.mode != .snapshot else { return }
        var model = bases[0].model
        for entry in recording.entries {
            model.apply(entry)
        }
        let doubt = StoreModel.Doubt(recording.refused)
        if let difference = model.difference(from: StoreModel(of: fixture.store), doubting: doubt) {
            throw Breach("in memory: \(difference)")
        }
    }

    /// Compares a store that has started with what was acknowledged, and goes on from it.
    func compare() throws {
        let found = StoreModel(of: fixture.store)
        try match(found)
        let epoch = fixture.store.epoch
        guard epoch > greatestEpoch else { throw Breach("epoch \(epoch) after \(greatestEpoch)") }
        greatestEpoch = epoch
        let last = lastLife.entries.last { $0.lsn <= lastLife.floor }?.lsn ?? .zero
        guard fixture.journal.lastLSN > last else { throw Breach("the number \(last.rawValue) is given again") }
        bases = [Base(model: found, lsn: fixture.journal.lastLSN)]
        releasedLSN = fixture.journal.durableLSN
        syncedLSN = releasedLSN
        releases = []
        try ledger.meet(fixture, mayHaveForgotten: lastLife.mayHaveForgotten)
    }

    /// What is found must be the state after some event at or behind the last one that was released.
    func match(_ found: StoreModel) throws {
        var nearest: String?
        for base in bases.reversed() {
            var model = base.model
            let isRelaxed = settings.mode == .snapshot
            let rest = lastLife.entries.filter { $0.lsn > base.lsn && (!isRelaxed || $0.event.isAlwaysSynced) }
            let doubt = StoreModel.Doubt(lastLife.refused)
            var place = 0
            while true {
                let isComplete = place == rest.count || rest[place].lsn > lastLife.floor
                if isComplete {
                    guard let difference = model.difference(from: found, doubting: doubt) else { return }
                    nearest = nearest ?? "\(difference), after event \(place == 0 ? base.lsn : rest[place - 1].lsn)"
                }
                guard place < rest.count else { break }
                model.apply(rest[place])
                place += 1
            }
        }
        throw Breach("to be found up to event \(lastLife.floor): \(nearest ?? "no state fits")")
    }
}
