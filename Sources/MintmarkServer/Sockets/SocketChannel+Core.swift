import Glibc
import NIOCore

/// What handlers ask of the channel.
extension SocketChannel: ChannelCore {
    func localAddress0() throws -> SocketAddress {
        throw ChannelError.operationUnsupported
    }

    func remoteAddress0() throws -> SocketAddress {
        guard let remoteAddress else { throw ChannelError.operationUnsupported }
        return remoteAddress
    }

    func register0(promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }

    func registerAlreadyConfigured0(promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }

    func bind0(to address: SocketAddress, promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }

    func connect0(to address: SocketAddress, promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }

    func triggerUserOutboundEvent0(_ event: Any, promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }

    /// What no handler took is of no use to anybody.
    func channelRead0(_ data: NIOAny) {}

    func errorCaught0(error: any Error) {}

    // MARK: Writing

    func write0(_ data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard isActive else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        guard case .none = outputEnding else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        output.append(unwrapData(data, as: ByteBuffer.self), promise)
        noteWritability()
    }

    func flush0() {
        guard isActive else { return }
        output.flush()
        // Where the system took no more, it tells when it does.
        if !output.isStuck { send() }
    }

    /// Offers the system what it has not taken.
    func sendUnsent() {
        guard isActive, !output.isSent else { return }
        send()
        reader?.outputTaken()
    }

    private func send() {
        guard sendFault == nil else { return }
        var departed: [EventLoopPromise<Void>] = []
        let outcome = output.send(to: descriptor, &departed)
        if case .failed(let errno) = outcome {
            // Whoever is writing hears of it when that is done.
            sendFault = IOError(errnoCode: errno, reason: "send")
            putOff()
        }
        for promise in departed { promise.succeed(()) }
        guard isActive else { return }
        noteWritability()
        endOutputIfSent()
    }

    // MARK: Ending

    func close0(error: any Error, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard isActive else {
            promise?.fail(ChannelError.alreadyClosed)
            return
        }
        switch (mode, outputEnding) {
        case (.all, .wanted):
            // TLS closes both sides when both ends have said farewell. What was written before that leaves all the same, for
            // as long as whoever wanted its end waits.
            isInputEnded = true
            endOutputIfSent()
            closeFuture.cascade(to: promise)
        case (.all, _):
            end()
            promise?.succeed(())
        case (.output, .none):
            outputEnding = .wanted(promise)
            flush0()
            endOutputIfSent()
        case (.output, _):
            promise?.fail(ChannelError.outputClosed)
        case (.input, _):
            promise?.fail(ChannelError.operationUnsupported)
        }
    }

    private func endOutputIfSent() {
        guard isActive, case .wanted(let promise) = outputEnding, output.isSent else { return }
        outputEnding = .ended
        shutdown(descriptor, Int32(SHUT_WR))
        promise?.succeed(())
        if isInputEnded {
            end()
        }
    }

    // MARK: Reading

    func read0() {
        guard isActive, !isInputEnded else { return }
        isReadWanted = true
        if isReadable {
            putOff()
        }
    }

    /// After each read there is another, unless a handler holds it back.
    func askForMore() {
        guard isActive, !isReadWanted else { return }
        if let reader {
            reader.readRequested()
        } else {
            pipeline.read()
        }
    }

    private func readOnce() {
        switch loop.receive(from: descriptor, bytesMax: readBytesMax) {
        case .bytes(let bytes):
            // Another edge comes when more does: only behind the last bytes it has come already.
            isReadable = bytes.readableBytes == readBytesMax || readsOn
            isReadWanted = false
            let arrival = waitingSince
            // What is left may have come since then; it is taken to have come now.
            waitingSince = isReadable ? reader?.arrival : nil
            pass(bytes, arrival)
            askForMore()
        case .nothing:
            isReadable = false
            waitingSince = nil
        case .end:
            isReadable = false
            isReadWanted = false
            inputEnded()
        case .failed(let errno):
            isReadable = false
            fail(IOError(errnoCode: errno, reason: "recv"))
        }
    }

    private func pass(_ bytes: ByteBuffer, _ arrival: UInt64?) {
        if let reader {
            return reader.received(bytes, arrival: arrival)
        }
        pipeline.syncOperations.fireChannelRead(NIOAny(bytes))
        // Nothing is told behind the end.
        if isActive {
            pipeline.syncOperations.fireChannelReadComplete()
        }
    }

    private func inputEnded() {
        isInputEnded = true
        if case .ended = outputEnding {
            end()
        } else {
            pipeline.syncOperations.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }
    }

    private func fail(_ error: IOError) {
        pipeline.syncOperations.fireErrorCaught(error)
        end()
    }
}

extension SocketChannel: SocketLoop.Watched {
    func descriptorChanged(_ event: Poller.Event) {
        if event.isWritable {
            sendUnsent()
        }
        // What left last may have been what a close waited for.
        guard event.isReadable, isActive else { return }
        if !isReadable, !isReadWanted || readsInTurn {
            waitingSince = reader?.arrival
        }
        isReadable = true
        if event.isEnded, !isPeerEnded {
            isPeerEnded = true
            loop.peerEnded(of: self)
        }
        readsOn = readsOn || event.isEnded || event.isUrgent
        if event.isBroken {
            // Nothing that is still to be read matters to anybody.
            fail(IOError(errnoCode: ECONNRESET, reason: "poll"))
        } else if isReadWanted {
            if readsInTurn { putOff() } else { readOnce() }
        }
    }

    func turnCame() {
        if let sendFault, isActive {
            return fail(sendFault)
        }
        let hadTurn = takeTurn()
        if isReadable, isReadWanted, isActive {
            // What comes next takes long, too: that is another turn.
            if hadTurn, readsInTurn { putOff() } else { readOnce() }
        }
    }

    func loopEnded() {
        end()
    }
}
