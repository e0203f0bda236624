import MintmarkEngine
import MintmarkSessions
import MintmarkWire

/// From a request to its answer: in the writer, or set aside until what it tells of is safe.
extension Connection {
    /// Executes a request; its answer is in the writer, or parked, or the request itself is.
    ///
    /// - Parameters:
    ///   - caller: never nil where requests are served.
    ///   - origin: of a request that was parked, and is executed again.
    func execute(_ header: FrameHeader, body: RawSpan, for caller: Caller?, again origin: ParkedOrigin? = nil) {
        guard let caller else {
            preconditionFailure("a request was taken from somebody unknown")
        }
        var isRepetition = origin != nil
        let source = origin ?? ParkedOrigin(kind: header.kindByte, start: worker.burstStart)
        while true {
            let start = worker.writer.bytes.count
            switch worker.execute(header, body: body, caller: caller, isRepetition: isRepetition) {
            case .answered(let lsn) where worker.isDurable(lsn):
                return noteAnswered(source, isFirst: origin == nil)
            case .answered(let lsn):
                return parkAnswer(source, from: start, requestID: header.requestID, until: lsn)
            case .awaitingSnapshot(let number):
                return settle(number, source, isFirst: origin == nil, requestID: header.requestID, answerStart: start)
            case .awaitingKeys(let job):
                return park(job, source, requestID: header.requestID)
            case .again(let lsn) where worker.isDurable(lsn):
                isRepetition = true
            case .again(let lsn):
                return park(header, source, body: body, until: lsn)
            }
        }
    }

    /// Lets the answer that was written last go or not, as its snapshot tells; holds it back while that is being
    /// written.
    private func settle(
        _ number: SnapshotNumber,
        _ origin: ParkedOrigin,
        isFirst: Bool,
        requestID: UInt32,
        answerStart start: Int
    ) {
        switch worker.outcome(of: number) {
        case .published:
            noteAnswered(origin, isFirst: isFirst)
        case .failed:
            worker.takeBack(from: start) { _ in }
            worker.appendStorageError(requestID: requestID, kind: origin.kind)
        case nil:
            worker.takeBack(from: start) {
                parkedSnapshots.park($0, requestID: requestID, from: origin, until: number)
            }
            noteWaiting()
        }
    }

    /// - Parameter isFirst: whether the request came with this burst; else it was parked.
    private func noteAnswered(_ origin: ParkedOrigin, isFirst: Bool) {
        if isFirst {
            worker.durations.answered(origin.kind)
        } else {
            worker.durations.released(origin)
        }
    }

    /// Answers a change of keys when it has its outcome.
    private func park(_ job: KeyJob, _ origin: ParkedOrigin, requestID: UInt32) {
        parkedKeys.append((job, requestID, origin))
        noteWaiting()
    }

    /// Holds the answer that was written last back until `lsn` is durable. Where the journal has failed nobody would ever
    /// wake it: the outcome is unknown at once.
    private func parkAnswer(
        _ origin: ParkedOrigin,
        from start: Int,
        requestID: UInt32,
        until lsn: LogSequenceNumber
    ) {
        guard worker.isJournalWritable else {
            worker.takeBack(from: start) { _ in }
            return worker.appendStorageError(requestID: requestID, kind: origin.kind)
        }
        worker.takeBack(from: start) { parked.park($0, requestID: requestID, from: origin, until: lsn) }
        noteWaiting()
    }

    /// Executes the request again when `lsn` is durable.
    private func park(
        _ header: FrameHeader,
        _ origin: ParkedOrigin,
        body: RawSpan,
        until lsn: LogSequenceNumber
    ) {
        guard worker.isJournalWritable else {
            return worker.appendStorageError(requestID: header.requestID, kind: header.kindByte)
        }
        parked.park(body, request: header, requestID: header.requestID, from: origin, until: lsn)
        noteWaiting()
    }

    /// Takes note that one more answer waits.
    private func noteWaiting() {
        machine.answerParked()
        noteParked()
        // Whoever has others waiting is known to do so.
        if machine.parkedCount == 1 {
            worker.answerParked(by: self)
        }
    }
}
