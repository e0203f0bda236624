import MintmarkEngine
import MintmarkSessions
import MintmarkWire
import NIOCore

/// From bytes to answers: many frames, one buffer, one flush.
extension Connection {
    /// Takes frames from the input.
    func takeBurst() {
        worker.beginBurst(for: self, since: inputSince, arrival: inputArrival)
        // The buffer is moved out for the burst, so that its bytes can be borrowed while this object works.
        var bytes = input
        input = ByteBuffer()
        let isKnown = caller != nil
        let (consumed, stop) = takeFrames(from: bytes.readableBytesSpan)
        if consumed < bytes.readableBytes {
            bytes.consume(consumed)
            input = bytes
            compactInput()
        }
        endBurst(stop, tookFrames: consumed > 0, isTelling: isKnown)
    }

    /// Takes frames from bytes that have just come, where nothing stands in the input before them. Only what is left over is
    /// copied to the input: so a connection that is served at once holds no memory.
    func takeBurst(from bytes: RawSpan, arrival: UInt64?) {
        worker.beginBurst(for: self, arrival: arrival)
        let isKnown = caller != nil
        let (consumed, stop) = takeFrames(from: bytes)
        if consumed < bytes.byteCount {
            input.writeBytes(bytes.extracting(consumed..<bytes.byteCount))
        }
        endBurst(stop, tookFrames: consumed > 0, isTelling: isKnown)
    }

    /// - Parameter isTelling: whether its length says anything of the next one: not where the caller had to be found out.
    private func endBurst(_ stop: BurstStop, tookFrames: Bool, isTelling: Bool) {
        note(stop, tookFrames: tookFrames)
        flushWriter()
        if isTelling {
            noteLength()
        }
    }

    /// Finds out whether the next burst waits for its turn.
    private func noteLength() {
        if worker.burstNanoseconds >= Self.longBurstNanosecondsMin {
            shortBurstsLeft = Self.shortBurstsOutOfTurns
        } else if shortBurstsLeft > 0 {
            shortBurstsLeft -= 1
        }
        if takesTurns != (shortBurstsLeft > 0) {
            takesTurns.toggle()
            transport?.readsInTurn = takesTurns
        }
    }

    private enum BurstStop {
        case end(ConnectionStateMachine.BurstEnd)
        case fault(WireError, requestID: UInt32)
    }

    private func takeFrames(from span: RawSpan) -> (consumed: Int, stop: BurstStop) {
        // Held for the whole burst, so that no frame has to be: that costs a fiftieth of the cheapest one.
        var caller = caller
        var offset = 0
        // Where the frames end that were announced.
        var ahead = 0
        for number in 0..<Self.framesPerBurstMax {
            let isClockDue = number % Self.framesPerClockReading == 0 || worker.hasWaitedForAudit
            guard number == 0 || !isClockDue || !worker.isBurstOverdue(behind: number) else {
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
                if caller != nil {
                    if ahead < body.upperBound {
                        ahead = announceFrame(at: body.upperBound, of: span)
                    }
                    ahead = announceFrame(at: ahead, of: span)
                }
                let frame = offset..<body.upperBound
                if let error = take(header, body: span.extracting(body), frame: frame, of: span, from: &caller) {
                    return (body.upperBound, .fault(error, requestID: Self.echoedID(of: header, for: error)))
                }
                offset = body.upperBound
            }
        }
        return (offset, .end(offset < span.byteCount ? .turnOver : .partialFrame))
    }

    /// Tells the executor of the frame at `offset`, if it is all there; returns where the next one begins.
    private func announceFrame(at offset: Int, of span: RawSpan) -> Int {
        guard case .frame(let header, let body) = worker.scanner.scan(span, at: offset) else {
            worker.finishAnnouncement()
            return offset
        }
        worker.announce(header, body: span.extracting(body))
        return body.upperBound
    }

    private func note(_ stop: BurstStop, tookFrames: Bool) {
        switch stop {
        case .end(let end):
            machine.burstEnded(end)
            // Whole frames that wait for their turn or for room were read with those that had it.
            inputSince = end == .partialFrame ? nil : inputSince ?? worker.burstStart
            inputArrival = end == .turnOver ? worker.burstArrival : nil
            hasOwnWait = hasOwnWait || end == .noRoom
            if tookFrames {
                // What is left over is another frame.
                deadlines.frame.disarm()
            }
            if end == .turnOver {
                transport?.awaitTurn()
            }
        case .fault(let error, let requestID):
            noteFault(error, requestID: requestID)
        }
    }

    /// Counts a peer that speaks TLS where it is not spoken: its first record is read as a frame of absurd length.
    private func noteTLSToPlaintext(_ input: RawSpan, at offset: Int) {
        guard transport?.isClear ?? false, machine.isGreeting, offset == 0, input.byteCount > 0,
            input.unsafeLoad(as: UInt8.self) == TLSGate.handshakeRecordByte
        else {
            return
        }
        worker.callerRefused(.toPlaintext, peer: transport?.peerText(nil))
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
    ///
    /// - Parameter caller: who calls; set where the frame tells.
    private func take(
        _ header: FrameHeader,
        body: RawSpan,
        frame: Range<Int>,
        of span: RawSpan,
        from caller: inout Caller?
    ) -> WireError? {
        switch machine.frameReceived(header, frameBytes: frame.count) {
        case .execute:
            execute(header, body: body, for: caller)
            return nil
        case .greet:
            defer { caller = self.caller }
            return greet(header, body: body, frame: frame, of: span)
        case .authenticate:
            defer { caller = self.caller }
            return authenticate(header, body: body)
        case .refuse(let error):
            worker.refuse(header, error)
            return nil
        case .fault(let error):
            return error
        }
    }

    func flushWriter() {
        worker.endBurst()
        let count = worker.writer.bytes.count
        // All answers may be parked.
        guard count > 0 else {
            return
        }
        outputCount += count
        transport?.write(outputOf: worker)
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
