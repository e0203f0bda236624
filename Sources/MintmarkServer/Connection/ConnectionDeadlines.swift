import MintmarkEngine
import MintmarkWire
import NIOCore

/// How long a connection may take over what.
struct ConnectionTimeouts: Sendable {
    /// From accept to the HELLO answer.
    var handshake: TimeAmount
    /// From a frame's first byte to its last. Begins anew when the server has withheld reading meanwhile.
    var frame: TimeAmount
    /// For the peer to take another byte, once the output is above its high-water mark or the connection is closing.
    /// A peer that takes none is cut between one and two of these times later.
    var write: TimeAmount
    /// For the journal and snapshots to let answers out, once the connection is ending. What still waits then has an
    /// unknown outcome.
    var drain = TimeAmount.seconds(10)
    /// How long input is discarded after the farewell, so that the peer reads it before a reset.
    var linger = TimeAmount.seconds(Int64(Limits.closeLingerSeconds))
}

/// One deadline that is moved often and fires rarely.
///
/// Arming costs a store: a timer is set only when none is pending, and one that fires early sets itself again.
/// Confined to its event loop.
struct Deadline {
    private(set) var moment: NIODeadline?
    var isTimerPending = false

    mutating func arm(at moment: NIODeadline) {
        self.moment = moment
    }

    mutating func disarm() {
        moment = nil
    }
}

/// What timers know of their connection: nothing any more once it is closed, so that one that outlives it keeps nothing
/// of what it held.
///
/// Instead of a weak reference, which would make every other reference to the handler costly to count.
final class TimerTarget {
    var handler: ConnectionHandler?
}

/// The deadlines of one connection.
struct ConnectionDeadlines {
    var handshake = Deadline()
    var frame = Deadline()
    var write = Deadline()
    var drain = Deadline()
    var linger = Deadline()
    /// Bytes that the peer's side had taken when the write deadline was armed.
    var takenCount = 0

    mutating func disarmAll() {
        handshake.disarm()
        frame.disarm()
        drain.disarm()
        linger.disarm()
    }
}

extension ConnectionHandler {
    func startHandshakeDeadline(_ context: ChannelHandlerContext) {
        arm(\.handshake, after: timeouts.handshake, context) { handler, context in
            handler.noteFault(WireError(.handshakeTimeout))
            handler.proceed(context)
        }
    }

    /// The frame deadline runs while the rest of a frame is waited for: not while the server itself does not read.
    func watchFrame(_ context: ChannelHandlerContext) {
        guard machine.awaitsRestOfFrame, input.readableBytes > 0 else {
            deadlines.frame.disarm()
            return
        }
        guard deadlines.frame.moment == nil else {
            return
        }
        arm(\.frame, after: timeouts.frame, context) { handler, context in
            handler.noteFault(WireError(.frameTimeout))
            handler.proceed(context)
        }
    }

    /// A connection that is ending waits for the disk, but not for ever. Only a peer that has ended its own side, and asked
    /// for a snapshot before, waits for as long as that takes: unless the server stops.
    func watchDrain(_ context: ChannelHandlerContext) {
        guard machine.isDraining, deadlines.drain.moment == nil else {
            return
        }
        arm(\.drain, after: timeouts.drain, context) { handler, _ in
            if handler.machine.isPeerWaiting, !handler.isStopping {
                handler.abandonParked()
            } else {
                handler.abandonAllParked()
            }
        }
    }

    /// From here on a peer that takes nothing for so long is cut.
    func startWriteDeadline(_ context: ChannelHandlerContext) {
        deadlines.takenCount = outputCount - unsentCount(context)
        arm(\.write, after: timeouts.write, context) { handler, context in
            handler.writeDeadlinePassed(context)
        }
    }

    private func writeDeadlinePassed(_ context: ChannelHandlerContext) {
        // TLS hands more to the channel than it is given: what was added since looks like less than nothing taken.
        guard outputCount - unsentCount(context) <= deadlines.takenCount else {
            return startWriteDeadline(context)
        }
        worker.counters.add(.connectionsStalled)
        cut()
    }

    /// Bytes that the channel has not handed to the system yet; all of them when it does not say.
    func unsentCount(_ context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? outputCount
    }

    func startLinger(_ context: ChannelHandlerContext) {
        arm(\.linger, after: timeouts.linger, context) { handler, _ in
            handler.cut()
        }
    }

    private func arm(
        _ deadline: WritableKeyPath<ConnectionDeadlines, Deadline>,
        after timeout: TimeAmount,
        _ context: ChannelHandlerContext,
        onExpiry: @escaping (ConnectionHandler, ChannelHandlerContext) -> Void
    ) {
        deadlines[keyPath: deadline].arm(at: context.eventLoop.now + timeout)
        guard !deadlines[keyPath: deadline].isTimerPending else {
            return
        }
        setTimer(deadline, context, onExpiry: onExpiry)
    }

    private func setTimer(
        _ deadline: WritableKeyPath<ConnectionDeadlines, Deadline>,
        _ context: ChannelHandlerContext,
        onExpiry: @escaping (ConnectionHandler, ChannelHandlerContext) -> Void
    ) {
        guard let moment = deadlines[keyPath: deadline].moment else {
            return
        }
        deadlines[keyPath: deadline].isTimerPending = true
        let target = timerTarget
        context.eventLoop.assumeIsolated().scheduleTask(deadline: moment) {
            target.handler?.timerFired(deadline, onExpiry: onExpiry)
        }
    }

    private func timerFired(
        _ deadline: WritableKeyPath<ConnectionDeadlines, Deadline>,
        onExpiry: @escaping (ConnectionHandler, ChannelHandlerContext) -> Void
    ) {
        deadlines[keyPath: deadline].isTimerPending = false
        guard let context, let moment = deadlines[keyPath: deadline].moment else {
            return
        }
        guard moment <= context.eventLoop.now else {
            setTimer(deadline, context, onExpiry: onExpiry)
            return
        }
        deadlines[keyPath: deadline].disarm()
        onExpiry(self, context)
    }
}
