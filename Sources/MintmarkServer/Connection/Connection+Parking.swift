import MintmarkEngine
import MintmarkSessions
import MintmarkWire

/// Answers that waited for the disk, or for keys.
extension Connection {
    /// Writes the parked answers that are durable through `lsn`, and executes the parked requests.
    func releaseParked(through lsn: LogSequenceNumber) {
        guard isOpen else {
            return
        }
        var released = parked.release(through: lsn)
        guard !released.isEmpty else {
            return
        }
        machine.answersReleased(released.count)
        noteParked()
        worker.beginBurst(for: self)
        if let output = released.takeOutput() {
            worker.replaceOutput(with: output)
            for origin in released.origins {
                worker.durations.released(origin)
            }
        } else {
            released.forEach { request, origin, bytes in
                if let request {
                    execute(request, body: bytes, for: caller, again: origin)
                } else {
                    worker.append(bytes)
                    worker.durations.released(origin)
                }
            }
        }
        flushWriter()
        proceed()
    }

    /// Writes the answers whose snapshot is published, and STORAGE in the place of those whose snapshot failed.
    func releaseParked(_ progress: SnapshotProgress) {
        guard isOpen else {
            return
        }
        let released = parkedSnapshots.release(through: progress.published)
        let failed = parkedSnapshots.release(through: progress.settled)
        guard !released.isEmpty || !failed.isEmpty else {
            return
        }
        machine.answersReleased(released.count)
        noteParked()
        worker.beginBurst(for: self)
        released.forEach { _, origin, frame in
            worker.append(frame)
            worker.durations.released(origin)
        }
        refuse(failed.requests)
    }

    /// Answers the changes of keys that have their outcome.
    func releaseParkedKeys() {
        let settled = parkedKeys.filter { $0.job.outcome != nil }
        guard isOpen, !settled.isEmpty else {
            return
        }
        parkedKeys.removeAll { parked in settled.contains { $0.job == parked.job } }
        machine.answersReleased(settled.count)
        worker.beginBurst(for: self)
        for (job, requestID, origin) in settled {
            worker.appendKeyAnswer(job, requestID: requestID)
            worker.durations.released(origin)
        }
        flushWriter()
        proceed()
    }

    /// Answers STORAGE to everything that waits for the journal: the outcome is unknown.
    func abandonParked() {
        guard isOpen else {
            return
        }
        worker.beginBurst(for: self)
        refuse(parked.release().requests)
    }

    /// Answers STORAGE to everything that waits for the disk, whatever for: the outcome is unknown.
    func abandonAllParked() {
        guard isOpen else {
            return
        }
        worker.beginBurst(for: self)
        let changes = parkedKeys.map { ($0.requestID, $0.origin) }
        parkedKeys.removeAll()
        refuse(parked.release().requests + parkedSnapshots.release().requests + changes)
    }

    /// Ends a burst with STORAGE for requests that were parked.
    private func refuse(_ requests: [(requestID: UInt32, origin: ParkedOrigin)]) {
        machine.answersReleased(requests.count)
        noteParked()
        for (requestID, origin) in requests {
            worker.appendStorageError(requestID: requestID, kind: origin.kind)
            worker.durations.released(origin)
        }
        flushWriter()
        proceed()
    }
}
