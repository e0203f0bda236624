import MintmarkEngine
import MintmarkSessions
import MintmarkWire
import NIOCore

/// From bytes to answers: many frames, one buffer, one flush.
extension ConnectionHandler {
    func takeBurst(_ context: ChannelHandlerContext) {
        worker.beginBurst(for: self)
        // The buffer is moved out for the burst, so that its bytes can be borrowed while this object works.
        var bytes = input
        input = ByteBuffer()
        let (consumed, stop) = takeFrames(from: bytes)
        // The buffer of a read that is used up is let go at once, so that the next read takes it again.
        if consumed < bytes.readableBytes {
            bytes.consume(consumed)
            input = bytes
            compactInput()
        }
        note(stop, tookFrames: consumed > 0, context)
        flushWriter(context)
    }

    private enum BurstStop {
        case end(ConnectionStateMachine.BurstEnd)
        case fault(WireError, requestID: UInt32)
    }

    private func takeFrames(from bytes: borrowing ByteBuffer) -> (consumed: Int, stop: BurstStop) {
        let span = bytes.readableBytesSpan
        var offset = 0
        for number in 0..<Self.framesPerBurstMax {
            guard number % Self.framesPerClockReading != 0 || number == 0 || !worker.isBurstOverdue else {
                break
            }
            guard machine.mayTakeFrame else {
                return (offset, .end(offset < span.byteCount ? .noRoom : .partialFrame))
            }
            guard worker.writer.bytes.count < Self.outputBytesPerBurstMax else {
                break
            }
            switch scanFrame(span, at: offset) {
            case .incomplete:
                return (offset, .end(.partialFrame))
            case .invalid(let error):
                noteTLSToPlaintext(span, at: offset)
                return (offset, .fault(error, requestID: 0))
            case .frame(let header, let body):
                if let error = take(header, body: span.extracting(body), frame: offset..<body.upperBound, of: span) {
                    return (body.upperBound, .fault(error, requestID: Self.echoedID(of: header, for: error)))
                }
                offset = body.upperBound
            }
        }
        return (offset, .end(offset < span.byteCount ? .turnOver : .partialFrame))
    }

    private func note(_ stop: BurstStop, tookFrames: Bool, _ context: ChannelHandlerContext) {
        switch stop {
        case .end(let end):
            machine.burstEnded(end)
            if tookFrames {
                // What is left over is another frame.
                deadlines.frame.disarm()
            }
            if end == .turnOver {
                scheduleContinuation(context)
            }
        case .fault(let error, let requestID):
            noteFault(error, requestID: requestID)
        }
    }

    private func scanFrame(_ span: RawSpan, at offset: Int) -> FrameScan {
        if machine.isGreeting {
            worker.scanner.scanHello(span, at: offset)
        } else if machine.isAuthenticating {
            FrameScanner(lengthMax: min(worker.settings.frameLengthMax, machine.unauthenticatedLengthMax))
                .scan(span, at: offset)
        } else {
            worker.scanner.scan(span, at: offset)
        }
    }

    /// Executes one frame; returns the error that ends the connection, if there is one.
    private func take(_ header: FrameHeader, body: RawSpan, frame: Range<Int>, of span: RawSpan) -> WireError? {
        switch machine.frameReceived(header, frameBytes: frame.count) {
        case .execute:
            execute(header, body: body)
            return nil
        case .greet:
            return greet(header, body: body, frame: frame, of: span)
        case .authenticate:
            return authenticate(header, body: body)
        case .refuse(let error):
            worker.refuse(header, error)
            return nil
        case .fault(let error):
            return error
        }
    }

    /// Executes a request; its answer is in the writer, or parked, or the request itself is.
    func execute(_ header: FrameHeader, body: RawSpan, isRepetition: Bool = false) {
        guard let caller else {
            preconditionFailure("a request was taken from somebody unknown")
        }
        var isRepetition = isRepetition
        while true {
            let start = worker.writer.bytes.count
            switch worker.execute(header, body: body, caller: caller, isRepetition: isRepetition) {
            case .answered(let lsn) where worker.isDurable(lsn):
                return
            case .answered(let lsn):
                return park(.answer(takeBack(from: start)), requestID: header.requestID, until: lsn)
            case .awaitingSnapshot(let number):
                return settle(number, requestID: header.requestID, answerStart: start)
            case .awaitingKeys(let job):
                return park(job, requestID: header.requestID)
            case .again(let lsn) where worker.isDurable(lsn):
                isRepetition = true
            case .again(let lsn):
                let body = body.withUnsafeBytes { Array($0) }
                return park(.request(header, body: body), requestID: header.requestID, until: lsn)
            }
        }
    }

    /// Takes what was written last out of the writer again.
    private func takeBack(from start: Int) -> [UInt8] {
        defer { worker.writer.bytes.removeSubrange(start...) }
        return Array(worker.writer.bytes[start...])
    }

    /// Lets the answer that was written last go or not, as its snapshot tells; holds it back while that is being
    /// written.
    private func settle(_ number: SnapshotNumber, requestID: UInt32, answerStart start: Int) {
        switch worker.outcome(of: number) {
        case .published:
            break
        case .failed:
            _ = takeBack(from: start)
            worker.appendError(WireError(.storage), requestID: requestID)
        case nil:
            let frame = takeBack(from: start)
            parkedSnapshots.park(frame, byteCount: frame.count, requestID: requestID, until: number)
            machine.answerParked()
            noteParked()
            worker.answerParked(by: self)
        }
    }

    /// Answers a change of keys when it has its outcome.
    private func park(_ job: KeyJob, requestID: UInt32) {
        parkedKeys.append((job, requestID))
        machine.answerParked()
        worker.answerParked(by: self)
    }

    /// Holds something back until `lsn` is durable. Where the journal has failed nobody would ever wake it: the outcome
    /// is unknown at once.
    private func park(_ content: ParkedContent, requestID: UInt32, until lsn: LogSequenceNumber) {
        guard worker.isJournalWritable else {
            return worker.appendError(WireError(.storage), requestID: requestID)
        }
        parked.park(content, byteCount: content.byteCount, requestID: requestID, until: lsn)
        machine.answerParked()
        noteParked()
        worker.answerParked(by: self)
    }

    private func greet(_ header: FrameHeader, body: RawSpan, frame: Range<Int>, of span: RawSpan) -> WireError? {
        let hello: HelloRequestFields
        do throws(WireError) {
            hello = try HelloRequestFields(decoding: body)
        } catch {
            return WireError(.helloInvalid, field: error.field)
        }
        locate()
        let knowledge = identify()
        let action = machine.helloReceived(
            lowest: hello.lowestVersion,
            highest: hello.highestVersion,
            bytesBehind: span.byteCount - frame.upperBound,
            caller: knowledge
        )
        switch action {
        case .answer(let version):
            let start = worker.writer.bytes.count
            let owesAuthentication = machine.isAuthenticating
            worker.appendHello(version: version, requestID: header.requestID, owesAuthentication: owesAuthentication)
            if owesAuthentication {
                beginChallenge(hello: span.extracting(frame), answer: worker.writer.bytes[start...])
            } else {
                deadlines.handshake.disarm()
            }
            return nil
        case .fault(let error):
            return error
        }
    }

    func flushWriter(_ context: ChannelHandlerContext) {
        guard !worker.writer.bytes.isEmpty else {
            return
        }
        let bytes = worker.takeOutput()
        outputCount += bytes.readableBytes
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    /// Lets the other connections of the loop go first: after this pause the loop has looked at its sockets, which it
    /// does not do while anything is to be done at once.
    private func scheduleContinuation(_ context: ChannelHandlerContext) {
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.turnPause) {
            self.machine.turnCame()
            if let context = self.context {
                self.proceed(context)
            }
        }
    }
}

extension ByteBuffer {
    /// Removes `count` bytes from the front. What is left is moved to the front only when it is the smaller part, so that
    /// each byte is moved once at most.
    mutating func consume(_ count: Int) {
        moveReaderIndex(forwardBy: count)
        if readerIndex >= readableBytes {
            discardReadBytes()
        }
    }
}
