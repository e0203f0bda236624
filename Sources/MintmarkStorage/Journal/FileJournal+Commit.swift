package import MintmarkSessions
import NIOConcurrencyHelpers

/// Writing. Everything here takes the writer's lock, and may wait for the disk.
extension FileJournal {
    /// Begins with the first segment of this life.
    ///
    /// - Parameters:
    ///   - position: the end of the segment before.
    ///   - lastLSN: the greatest number ever given; the next one is above it.
    package func begin(
        _ store: JournalStore,
        origin: JournalSegmentHeader.Origin,
        segment number: UInt64,
        position: JournalPosition,
        lastLSN: LogSequenceNumber
    ) throws(StorageFault) {
        try withWriter { (writer) throws(StorageFault) in
            precondition(writer.state == .closed, "a journal that begins twice")
            writer.store = store
            writer.position = position
            writer.nextSegmentNumber = number
            writer.syncedLSN = position.lastLSN
            writer.writtenClocks = store.clocks()
            try writer.makeSegment(origin, in: writer.findRoom())
            open(&writer, lastLSN: lastLSN, accepting: .everything)
        }
    }

    /// Writes what waits and what is due, box by box, and tells the observer after each. What comes meanwhile is left
    /// to the next call.
    ///
    /// - Parameter now: milliseconds of any clock that only goes forward, the same one in every call.
    /// - Returns: when to call again at the latest, though no event waits.
    @discardableResult
    package func commit(atMilliseconds now: UInt64) -> UInt64 {
        busy(fromMilliseconds: now) { write(atMilliseconds: now) }
        return withWriter { writer in
            // What waits while a segment cannot be made is not tried sooner for it.
            let isMore = writer.state == .open && !queue.withLockedValue(\.isEmpty)
            return isMore ? now : writer.dueMilliseconds(atMilliseconds: now)
        }
    }

    /// When something is due though no event waits: a sync that was promised, or a reading of the clocks.
    package func dueMilliseconds(atMilliseconds now: UInt64) -> UInt64 {
        withWriter { $0.dueMilliseconds(atMilliseconds: now) }
    }

    private func write(atMilliseconds now: UInt64) {
        let wanted = lastLSN
        writing: while true {
            switch withWriter({ step(&$0, atMilliseconds: now) }) {
            case .idle:
                break writing
            case .reopened:
                acceptAgain()
                notify(serviceMilliseconds: serviceMilliseconds)
            case .told(let serviceMilliseconds, let writtenLSN):
                notify(serviceMilliseconds: serviceMilliseconds)
                if writtenLSN >= wanted || state != .open {
                    break writing
                }
            }
        }
    }

    /// Makes everything durable that was appended before the call. False when that is not possible now.
    package func flush(atMilliseconds now: UInt64) -> Bool {
        let wanted = lastLSN
        let isSynced = busy(fromMilliseconds: now) {
            write(atMilliseconds: now)
            return withWriter { $0.state == .open && synchronize(&$0) }
        }
        notify(serviceMilliseconds: serviceMilliseconds)
        return isSynced && durableLSN >= wanted
    }

    /// Begins a new segment, and gives its number: whatever is appended from now on is in it or in later ones. Where
    /// there is no room for it the journal goes on in the segment that it has. Where it cannot be made for another reason,
    /// nothing is taken until it can: it may be that the directory is gone.
    package func beginSegment(atMilliseconds now: UInt64) throws(StorageFault) -> UInt64 {
        do throws(StorageFault) {
            return try busy(fromMilliseconds: now) { () throws(StorageFault) in
                try withWriter { (writer) throws(StorageFault) in
                    guard writer.state == .open else { throw writer.state.fault ?? Self.closedFault }
                    try checkName(&writer)
                    let room = try findRoom(&writer)
                    if let fault = changeSegment(&writer, to: room) {
                        throw fault
                    }
                    return writer.nextSegmentNumber - 1
                }
            }
        } catch {
            notify(serviceMilliseconds: serviceMilliseconds)
            throw error
        }
    }

    /// Ends: everything appended is durable, nothing is taken any more. False when some of it is not.
    @discardableResult
    package func end(atMilliseconds now: UInt64) -> Bool {
        commit(atMilliseconds: now)
        let isWhole = withWriter { writer in
            let isWritten = queue.withLockedValue { queue in
                accept(.nothing, &queue)
                return queue.isEmpty && writer.state == .open
            }
            defer { writer.state = .closed }
            return (try? writer.finishSegment()) != nil && isWritten
        }
        notify(serviceMilliseconds: serviceMilliseconds)
        return isWhole
    }

    var serviceMilliseconds: UInt64 {
        withWriter { $0.store.clocks() }.serviceMilliseconds
    }

    private static let closedFault = StorageFault(.open, ".", code: 0)

    // MARK: The way back

    /// The number that the next segment will have.
    package var nextSegmentNumber: UInt64 {
        withWriter { $0.nextSegmentNumber }
    }

    /// After a failure: makes a segment that goes on from a snapshot of everything in memory, under `keys`. Events are
    /// refused until ``resume()``.
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

    // MARK: Steps

    private enum Step {
        /// Something changed that the observer is to be told. With the last event in the files.
        case told(serviceMilliseconds: UInt64, writtenLSN: LogSequenceNumber)
        /// There is a segment again; events are to be taken again.
        case reopened
        case idle
    }

    private func step(_ writer: inout JournalWriter, atMilliseconds now: UInt64) -> Step {
        switch writer.state {
        case .closed, .failed:
            return .idle
        case .stalled:
            guard changeSegment(&writer) == nil else { return .idle }
            let lastLSN = queue.withLockedValue { $0.lastLSN.next }
            reopen(&writer, lastLSN: lastLSN, atMilliseconds: now)
            return .reopened
        case .open:
            break
        }
        guard let batch = nextBatch(&writer, atMilliseconds: now) else {
            guard writer.isSyncDue(atMilliseconds: now) else { return .idle }
            _ = synchronize(&writer)
            return told(writer)
        }
        if writer.segment.map({ !$0.fits(batch.entries) }) ?? true, changeSegment(&writer) != nil {
            // After a failure the batch is lost: the way back holds what it says.
            if case .stalled = writer.state {
                writer.held = batch
            }
            return told(writer)
        }
        do throws(StorageFault) {
            try write(batch, &writer, atMilliseconds: now)
        } catch {
            if writer.segment == nil {
                fail(&writer, error)
            } else {
                writer.held = batch
                stall(&writer, error)
            }
        }
        return told(writer)
    }

    private func told(_ writer: JournalWriter) -> Step {
        .told(
            serviceMilliseconds: writer.store.clocks().serviceMilliseconds,
            writtenLSN: (writer.segment?.position ?? writer.position).lastLSN
        )
    }

    private func nextBatch(_ writer: inout JournalWriter, atMilliseconds now: UInt64) -> JournalQueue.Batch? {
        if let held = writer.held {
            writer.held = nil
            return held
        }
        let isClockDue = writer.isClockDue(atMilliseconds: now)
        return queue.withLockedValue { queue in
            if queue.isEmpty, isClockDue {
                let clock = [JournalEvent.clockKind]
                skip(to: queue.lastLSN.next, &queue)
                queue.append(clock.span.bytes, at: queue.lastLSN, isAlwaysSynced: false)
            }
            return queue.takeFirst()
        }
    }

    /// Writes a box, syncs it if the mode or an event wants it, and lets its answers leave.
    private func write(
        _ batch: JournalQueue.Batch,
        _ writer: inout JournalWriter,
        atMilliseconds now: UInt64
    ) throws(StorageFault) {
        try writer.write(batch, atMilliseconds: now)
        let isSynced = settings.mode == .always || batch.isAlwaysSynced || writer.isSyncDue(atMilliseconds: now)
        if isSynced {
            try writer.synchronize()
        }
        // Next to a write it costs nothing.
        try writer.checkName()
        queue.withLockedValue { queue in
            queue.underWay = nil
            queue.recycle(batch.entries)
            publish(batch.entries.lastLSN)
            publishUnwritten(&queue)
        }
    }

    /// Finds room, ends the segment under way and goes on in the next one. Gives the fault that stands in the way, after
    /// having taken its consequences.
    private func changeSegment(_ writer: inout JournalWriter) -> StorageFault? {
        let room: SegmentRoom
        do throws(StorageFault) {
            // First of all, so that a full disk is met while the segment under way is as it was.
            room = try writer.findRoom()
        } catch {
            stall(&writer, error)
            return error
        }
        return changeSegment(&writer, to: room)
    }

    /// Finds room for a segment that is not needed yet.
    private func findRoom(_ writer: inout JournalWriter) throws(StorageFault) -> SegmentRoom {
        do throws(StorageFault) {
            return try writer.findRoom()
        } catch {
            if !error.isDiskFull {
                stall(&writer, error)
            }
            throw error
        }
    }

    private func checkName(_ writer: inout JournalWriter) throws(StorageFault) {
        do throws(StorageFault) {
            try writer.checkName()
        } catch {
            fail(&writer, error)
            throw error
        }
    }

    private func changeSegment(_ writer: inout JournalWriter, to room: SegmentRoom) -> StorageFault? {
        do throws(StorageFault) {
            try writer.finishSegment()
        } catch {
            room.giveUp()
            fail(&writer, error)
            return error
        }
        do throws(StorageFault) {
            try writer.makeSegment(.continuation, in: room)
        } catch {
            if error.operation == .synchronizeDirectory {
                // It has its name, and nobody knows whether the disk knows.
                fail(&writer, error)
            } else {
                stall(&writer, error)
            }
            return error
        }
        return nil
    }

    /// There is no room, or the next segment could not be made: nothing was lost, and it is tried again.
    private func stall(_ writer: inout JournalWriter, _ fault: StorageFault) {
        if writer.state == .open {
            writer.counters.failures += 1
        }
        writer.state = .stalled(fault)
        queue.withLockedValue { accept(.nothing, &$0) }
        // What was acknowledged in the segment under way must not wait for room.
        _ = synchronize(&writer)
    }

    /// Syncs what was written. False when that failed, after having taken its consequences.
    private func synchronize(_ writer: inout JournalWriter) -> Bool {
        do throws(StorageFault) {
            try writer.synchronize()
            return true
        } catch {
            fail(&writer, error)
            return false
        }
    }

    /// Takes events, from above `lastLSN` on; after a time in which nothing was taken only cut-offs to begin with. Those
    /// that were made meanwhile stand at `lastLSN` until they are written, so no answer may leave yet that waits for it.
    private func open(
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
    private func reopen(_ writer: inout JournalWriter, lastLSN: LogSequenceNumber, atMilliseconds now: UInt64) {
        writer.lastWindowMilliseconds = now
        open(&writer, lastLSN: lastLSN, accepting: .cutOffs)
    }

    /// A write or sync has failed: nobody knows what the disk holds of the segment, so it is never touched again.
    private func fail(_ writer: inout JournalWriter, _ fault: StorageFault) {
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
