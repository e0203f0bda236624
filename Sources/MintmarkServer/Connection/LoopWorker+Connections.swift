import MintmarkEngine
import NIOCore

/// The connections of the loop, from the first to the end of a drain.
extension LoopWorker {
    /// How long a connection that holds too much waits before it is looked at again.
    static let holdBackPause = TimeAmount.milliseconds(20)
    /// After connections were cut: for their sockets to be closed.
    private static let cutPause = TimeAmount.seconds(1)

    func connectionOpened(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = connection
        counters.add(.connectionsOpened)
        if drained != nil {
            // Accepted just before its listener was closed.
            connection.shutDown()
        }
    }

    func connectionClosed(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
        waiting[ObjectIdentifier(connection)] = nil
        heldBack[ObjectIdentifier(connection)] = nil
        counters.add(.connectionsClosed)
        if connections.isEmpty {
            endDrain()
        }
    }

    /// Other clients may call from now on: each connection takes note, or ends.
    func callersChanged(to directory: CallerDirectory) {
        callers = directory
        for connection in Array(connections.values) {
            connection.callersChanged()
        }
    }

    /// The first answer of the connection waits. It is forgotten only where none does any more (``Connection/hasParked``),
    /// which is when its machine's `parkedCount` is 0.
    func answerParked(by connection: Connection) {
        waiting[ObjectIdentifier(connection)] = connection
    }

    /// Asks the connection again in a while whether it may go on.
    ///
    /// - Parameter isNew: whether it was not held back before.
    func holdBack(_ connection: Connection, isNew: Bool) {
        if isNew {
            counters.add(.connectionsHeldBack)
        }
        heldBack[ObjectIdentifier(connection)] = connection
        guard !isHoldBackPausing else {
            return
        }
        isHoldBackPausing = true
        eventLoop.assumeIsolated().scheduleTask(in: Self.holdBackPause) {
            self.isHoldBackPausing = false
            let heldBack = self.heldBack
            self.heldBack = [:]
            for connection in heldBack.values {
                connection.goOn()
            }
        }
    }

    /// Cuts every connection, whatever waits on it, and ends a drain. Doing it again does nothing.
    func cut() {
        guard cutConnections == nil else {
            return
        }
        cutConnections = connections.values.map(\.asCut).reduce(CutConnections(), +)
        for connection in Array(connections.values) {
            connection.cut()
        }
        // A channel without a socket closes when its last word of TLS is answered: nobody waits for that.
        eventLoop.assumeIsolated().scheduleTask(in: Self.cutPause) { self.endDrain() }
    }

    /// Lets each connection finish what it accepted; cuts those that are not done when `timeout` is over. Tells which those
    /// were.
    func drain(timeout: TimeAmount) -> EventLoopFuture<CutConnections> {
        if let drained {
            return drained.futureResult
        }
        let drained = eventLoop.makePromise(of: CutConnections.self)
        self.drained = drained
        for connection in connections.values {
            connection.shutDown()
        }
        if connections.isEmpty {
            endDrain()
        }
        eventLoop.assumeIsolated().scheduleTask(in: timeout) { self.cut() }
        return drained.futureResult
    }

    private func endDrain() {
        drained?.succeed(cutConnections ?? CutConnections())
    }
}
