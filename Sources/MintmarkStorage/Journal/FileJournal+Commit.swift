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

    /// Syncs what was written. False when that failed, after having taken its consequences.
    func synchronize(_ writer: inout JournalWriter) -> Bool {
        do throws(StorageFault) {
            try writer.synchronize()
            return true
        } catch {
            fail(&writer, error)
            return false
        }
    }
}
