package import MintmarkSessions
import NIOConcurrencyHelpers

/// Faults of the disk: what follows from them, and the way back. Everything here takes the writer's lock or is called with
/// it, and may wait for the disk.
extension FileJournal {
    /// The number that the next segment will have.
    package var nextSegmentNumber: UInt64 {
        withWriter { $0.nextSegmentNumber }
    }

    /// After a failure: makes a segment that goes on from a snapshot of everything in memory, under `keys`. Events are
    /// refused until ``resume(atMilliseconds:)``.
    package func makeRestartSegment(snapshot id: StorageID, keys: StorageKeys) throws(StorageFault) {
        try withWriter { (writer) throws(StorageFault) in
            guard case .failed = writer.state else { preconditionFailure("a restart of a journal that has not failed") }
            // Cut-offs made meanwhile stand right behind the last number given.
            let lastLSN = queue.withLockedValue { queue in
                skip(to: queue.lastLSN.next, &queue)
                return queue.lastLSN
            }
            writer.store = JournalStore(id: writer.store.id, keys: keys, clocks: writer.store.clocks)
            let link = JournalLink(id)
            writer.position = JournalPosition(boxNumber: writer.position.boxNumber, link: link, lastLSN: lastLSN)
            writer.syncedLSN = lastLSN
            writer.segment = nil
            try writer.makeSegment(.restart, in: writer.findRoom())
        }
    }

    /// Takes events again, after the manifest has named the snapshot of ``makeRestartSegment(snapshot:keys:)``.
    package func resume(atMilliseconds now: UInt64) {
        withWriter { writer in
            precondition(writer.segment != nil, "a journal that goes on without a segment")
            reopen(&writer, lastLSN: writer.position.lastLSN, atMilliseconds: now)
        }
        acceptAgain()
        notify(serviceMilliseconds: serviceMilliseconds)
    }

    /// There is no room, or the next segment could not be made: nothing was lost, and it is tried again.
    func stall(_ writer: inout JournalWriter, _ fault: StorageFault) {
        if writer.state == .open {
            writer.counters.failures += 1
        }
        writer.state = .stalled(fault)
        queue.withLockedValue { accept(.nothing, &$0) }
        // What was acknowledged in the segment under way must not wait for room.
        _ = synchronize(&writer)
    }

    /// Takes events, from above `lastLSN` on; after a time in which nothing was taken only cut-offs to begin with. Those
    /// that were made meanwhile stand at `lastLSN` until they are written, so no answer may leave yet that waits for it.
    func open(
        _ writer: inout JournalWriter,
        lastLSN: LogSequenceNumber,
        accepting acceptance: JournalQueue.Acceptance
    ) {
        writer.state = .open
        queue.withLockedValue { queue in
            skip(to: lastLSN, &queue)
            if acceptance == .everything {
                publishUnwritten(&queue)
            }
            accept(acceptance, &queue)
        }
    }

    /// Goes on after a time in which nothing was taken. Answers of rotations may leave now that were appended before, so
    /// windows may begin.
    func reopen(_ writer: inout JournalWriter, lastLSN: LogSequenceNumber, atMilliseconds now: UInt64) {
        writer.lastWindowMilliseconds = now
        open(&writer, lastLSN: lastLSN, accepting: .cutOffs)
    }

    /// A write or sync has failed: nobody knows what the disk holds of the segment, so it is never touched again.
    func fail(_ writer: inout JournalWriter, _ fault: StorageFault) {
        writer.state = .failed(fault)
        writer.segment = nil
        writer.held = nil
        writer.unsyncedSinceMilliseconds = nil
        writer.counters.failures += 1
        queue.withLockedValue { queue in
            accept(.nothing, &queue)
            queue.removeAll()
        }
    }
}

extension FileJournal.State {
    /// What stands in the way; nil when nothing does.
    package var fault: StorageFault? {
        switch self {
        case .closed, .open: nil
        case .stalled(let fault), .failed(let fault): fault
        }
    }
}
