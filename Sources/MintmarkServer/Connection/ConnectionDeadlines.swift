import MintmarkEngine
import MintmarkWire
import NIOCore

/// How long a connection may take over what.
struct ConnectionTimeouts: Sendable {
    /// From accept to the HELLO answer.
    var handshake: TimeAmount
    /// From the first byte of a frame, or of the TLS record that brings it, to its last. Begins anew when the server has
    /// withheld reading meanwhile.
    var frame: TimeAmount
    /// For the peer to take another byte, while anything is unsent or the connection is closing. A peer that takes none is
    /// cut between one and two of these times later; so is one that does not take half of what was there, and holds more than
    /// its share while all memory is held.
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
    /// What will look at it; nil: nothing will.
    var timer: Scheduled<Void>?

    mutating func arm(at moment: NIODeadline) {
        self.moment = moment
    }

    mutating func disarm() {
        moment = nil
    }

    /// The connection is closed. A timer that went on would be memory of a connection that no limit counts any more.
    mutating func cancel() {
        moment = nil
        timer?.cancel()
        timer = nil
    }
}

/// What timers know of their connection: nothing any more once it is closed, so that one that outlives it keeps nothing
/// of what it held.
///
/// Instead of a weak reference, which would make every other reference to the connection costly to count.
final class TimerTarget {
    var connection: Connection?
}

/// The deadlines of one connection.
struct ConnectionDeadlines {
    var handshake = Deadline()
    var frame = Deadline()
    var write = Deadline()
    var drain = Deadline()
    var linger = Deadline()
    /// Bytes that the peer's side had taken, and those that it had not, when the write deadline was armed.
    var takenCount = 0
    var unsentCount = 0

    /// The last word is said, and has to be taken in time.
    mutating func disarmAllButWrite() {
        handshake.disarm()
        frame.disarm()
        drain.disarm()
        linger.disarm()
    }

    /// Takes all timers back.
    mutating func cancelAll() {
        handshake.cancel()
        frame.cancel()
        write.cancel()
        drain.cancel()
        linger.cancel()
    }
}

extension Connection {
    func startHandshakeDeadline() {
        arm(\.handshake, after: timeouts.handshake) { connection in
            connection.noteFault(WireError(.handshakeTimeout))
            connection.proceed()
        }
    }

    /// The frame deadline runs while the rest of a frame is waited for, or of a record of TLS, which holds one or a part
    /// of one: not while the server itself does not read.
    func watchFrame() {
        guard machine.awaitsRestOfFrame, input.readableBytes + keptCount > 0 else {
            deadlines.frame.disarm()
            return
        }
        guard deadlines.frame.moment == nil else {
            return
        }
        arm(\.frame, after: timeouts.frame) { connection in
            connection.noteFault(WireError(.frameTimeout))
            connection.proceed()
        }
    }

    /// A connection that is ending waits for the disk, but not for ever. Only a peer that has ended its own side, and asked
    /// for a snapshot before, waits for as long as that takes: unless the server stops.
    func watchDrain() {
        guard machine.isDraining, deadlines.drain.moment == nil else {
            return
        }
        arm(\.drain, after: timeouts.drain) { connection in
            if connection.machine.isPeerWaiting, !connection.isStopping {
                connection.abandonParked()
            } else {
                connection.abandonAllParked()
            }
        }
    }

    /// The write deadline runs while anything is unsent.
    func watchOutput() {
        guard isOpen, !machine.isLingering else {
            return
        }
        if unsentCount == 0 {
            deadlines.write.disarm()
        } else if deadlines.write.moment == nil {
            startWriteDeadline()
        }
    }

    /// From here on a peer that takes nothing for so long is cut.
    func startWriteDeadline() {
        deadlines.unsentCount = unsentCount
        deadlines.takenCount = outputCount - deadlines.unsentCount
        arm(\.write, after: timeouts.write) { connection in
            connection.writeDeadlinePassed()
        }
    }

    private func writeDeadlinePassed() {
        let (takenBefore, unsentBefore) = (deadlines.takenCount, deadlines.unsentCount)
        // A peer that reads slowly makes room of which nobody is told for long.
        transport?.sendUnsent()
        // The last word may have left.
        guard isOpen, deadlines.linger.moment == nil else { return }
        // Too little rather than too much: TLS hands more to its channel than it is given.
        let taken = outputCount - unsentCount - takenBefore
        // Where others need the room, taking a little now and then is not enough.
        guard taken < max(1, isOverdrawn ? unsentBefore / 2 : 1) else {
            return machine.isLingering ? startWriteDeadline() : watchOutput()
        }
        worker.counters.add(.connectionsStalled)
        cut()
    }

    /// Bytes that the system has not taken yet. When the transport does not say, none, or all while it takes no more.
    var unsentCount: Int {
        guard let transport else { return 0 }
        return transport.unsentCount ?? (machine.isWritable ? 0 : outputCount)
    }

    func startLinger() {
        arm(\.linger, after: timeouts.linger) { connection in
            connection.cut()
        }
    }

    private func arm(
        _ deadline: WritableKeyPath<ConnectionDeadlines, Deadline>,
        after timeout: TimeAmount,
        onExpiry: @escaping (Connection) -> Void
    ) {
        guard let eventLoop = transport?.eventLoop else {
            return
        }
        deadlines[keyPath: deadline].arm(at: eventLoop.now + timeout)
        guard deadlines[keyPath: deadline].timer == nil else {
            return
        }
        setTimer(deadline, eventLoop, onExpiry: onExpiry)
    }

    private func setTimer(
        _ deadline: WritableKeyPath<ConnectionDeadlines, Deadline>,
        _ eventLoop: any EventLoop,
        onExpiry: @escaping (Connection) -> Void
    ) {
        guard let moment = deadlines[keyPath: deadline].moment else {
            return
        }
        let target = timerTarget
        deadlines[keyPath: deadline].timer = eventLoop.assumeIsolated().scheduleTask(deadline: moment) {
            target.connection?.timerFired(deadline, onExpiry: onExpiry)
        }
    }

    private func timerFired(
        _ deadline: WritableKeyPath<ConnectionDeadlines, Deadline>,
        onExpiry: @escaping (Connection) -> Void
    ) {
        deadlines[keyPath: deadline].timer = nil
        guard let eventLoop = transport?.eventLoop, let moment = deadlines[keyPath: deadline].moment else {
            return
        }
        guard moment <= eventLoop.now else {
            setTimer(deadline, eventLoop, onExpiry: onExpiry)
            return
        }
        deadlines[keyPath: deadline].disarm()
        onExpiry(self)
    }
}
