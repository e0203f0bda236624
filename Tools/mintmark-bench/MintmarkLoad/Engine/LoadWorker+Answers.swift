import MintmarkWire

/// From bytes to answers to figures.
extension LoadWorker where World: ~Copyable {
    /// Reads what has come, and takes every whole answer.
    mutating func receive(_ index: Int, refills: Bool) {
        while receiveOnce(index, refills: refills), connections[index].isOpen, connections[index].hasPending {}
    }

    /// Reads once; returns whether something came.
    private mutating func receiveOnce(_ index: Int, refills: Bool) -> Bool {
        switch connections[index].read() {
        case .done:
            takeAnswers(index, refills: refills)
            return true
        case .blocked:
            return false
        case .ended where connections[index].hasPartialInput:
            lose(index, .endOfStreamInFrame, "the stream ended inside a frame")
        case .ended:
            lose(index, .endOfStream, "the server ended the connection")
        case .broken(let fault):
            lose(index, .reset, "\(fault)")
        }
        return false
    }

    private mutating func takeAnswers(_ index: Int, refills: Bool) {
        // One reading for all answers of a read: they were all there at this instant.
        let now = tick()
        let received = connections[index].received
        let bytes = received.bytes
        var offset = 0
        scanning: while connections[index].isOpen {
            switch scanner.scan(bytes, at: offset) {
            case .incomplete:
                break scanning
            case .invalid(let error):
                lose(index, .protocolDecode, "what came is no frame: \(error)")
            case .frame(let header, let body):
                offset = body.upperBound
                take(header, bytes.extracting(body), index, at: now)
            }
        }
        recordRun(at: now)
        guard connections[index].isOpen else { return }
        connections[index].consume(offset)
        tally.lastAnswerAt = now
        if refills { refill(index, at: now) }
        flush(index)
        renewIfSpent(index)
    }

    @inline(__always)
    private mutating func take(_ header: FrameHeader, _ body: RawSpan, _ index: Int, at now: Int64) {
        if header.isError { return takeError(header, body, index) }
        guard let request = connections[index].end(requestID: header.requestID) else {
            return lose(index, .idMismatch, "an answer to request \(header.requestID), which was not underway")
        }
        leave(request)
        guard header.kindByte == checker.responseKind(of: request), header.flags == 0 else {
            fail(request)
            source.finish(request)
            return lose(
                index,
                .protocolDecode,
                "\(request.operation.kind.name) was answered with another kind or flags"
            )
        }
        do throws(WireError) {
            switch try judge(request, body) {
            case .right where request.hasTimedOut: countLate(request)
            case .right: complete(request, answerBytes: FrameHeader.Layout.body + body.byteCount, at: now)
            case .faulty(let error, let example):
                fail(request)
                count(error, example)
            }
            source.finish(request)
        } catch {
            fail(request)
            source.finish(request)
            lose(index, .protocolDecode, "the answer to \(request.operation.kind.name) breaks the protocol: \(error)")
        }
    }

    @inline(__always)
    private mutating func judge(_ request: RequestInFlight, _ body: RawSpan) throws(WireError)
        -> AnswerChecker.Judgement
    {
        guard request.operation == .refresh else { return try checker.judge(request, body) }
        let fields = try RefreshResponseFields(decoding: body)
        if let example = source.pool.sessions[Int(request.item)].refreshed(fields, in: body) {
            return .faulty(.validation, example: example)
        }
        return checker.judgeAccessToken(body.extracting(fields.grant.accessToken), of: .refresh)
    }

    @inline(__always)
    private mutating func complete(_ request: RequestInFlight, answerBytes: Int, at now: Int64) {
        if answerRun.add(request, answerBytes: answerBytes) { return }
        recordRun(at: now)
        answerRun = AnswerRun(request, answerBytes: answerBytes)
    }

    /// Counts the answers that were gathered, all of which came at this instant.
    private mutating func recordRun(at now: Int64) {
        let (request, count) = (answerRun.request, answerRun.count)
        guard count > 0 else { return }
        answerRun.count = 0
        completedSinceReport += count
        intervals.recordResponse(request.operation, nanoseconds: now - request.dueAt, times: count)
        let operation = request.operation.rawValue
        if times.measures(now) {
            tally.operations[operation].completed += count
            tally.operations[operation].answerBytes += answerRun.answerBytes
        }
        guard times.measures(request.dueAt) else { return }
        let isScheduled = plan.isOpenLoop
        if request.operation == .hostile {
            tally.operations[operation].refused.record(request, at: now, isScheduled: isScheduled, times: count)
        } else {
            tally.operations[operation].accepted.record(request, at: now, isScheduled: isScheduled, times: count)
        }
    }

    private mutating func countLate(_ request: RequestInFlight) {
        let milliseconds = (lastTickAt - request.sentAt) / 1_000_000
        count(.lateAfterDrain, "\(request.operation.name) was answered \(milliseconds) ms after it was sent")
    }

    private mutating func takeError(_ header: FrameHeader, _ body: RawSpan, _ index: Int) {
        let error: ErrorResponse
        do throws(WireError) {
            error = try ErrorResponse(decoding: body)
        } catch {
            return lose(index, .protocolDecode, "an error that breaks the protocol: \(error)")
        }
        let text = "\(error.status): \(error.message)"
        if error.status.closesConnection { return lose(index, .status(error.status), text) }
        // Errors with id 0 answer no request; a client writes them to its log and goes on.
        if header.requestID == 0 { return count(.status(error.status), text) }
        guard let request = connections[index].end(requestID: header.requestID) else {
            return lose(index, .idMismatch, "\(text), to request \(header.requestID), which was not underway")
        }
        leave(request)
        defer { source.finish(request) }
        if checker.isExpected(error.status, of: request) {
            return complete(request, answerBytes: FrameHeader.Layout.body + body.byteCount, at: lastTickAt)
        }
        fail(request)
        count(.status(error.status), "\(request.operation.kind.name): \(text)")
        // The same token is sent again with the session's next turn.
        if [.storage, .internal].contains(error.status.status) { source.outcomeUnknown(request) }
    }
}
