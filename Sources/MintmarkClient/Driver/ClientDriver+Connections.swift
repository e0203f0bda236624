import MintmarkWire
import NIOCore

// MARK: - Events of connections

extension ClientDriver {
    /// HELLO was answered: requests may be sent.
    func opened(_ connection: ConnectionHandler, _ limits: ConnectionLimits) {
        guard dialing === connection else { return }
        dialing = nil
        latestDialError = nil
        guard pool.dialSucceeded(connection.id, inFlightMax: limits.inFlightMax) else {
            return connection.end(.shutDown)
        }
        connections[connection.id] = connection
        observer.connectionOpened(to: connection.endpoint)
    }

    /// An answer has come.
    func answered(_ id: CallID, _ answer: Answer) {
        pool.answered(on: answer.connection)
        finish(id, with: answer)
    }

    /// An answer has come for which nobody waits.
    func answeredNobody(on connection: ConnectionID) {
        pool.answered(on: connection)
    }

    /// The server has answered a request with an error.
    func refused(_ id: CallID, by response: ErrorResponse, on connection: ConnectionID) {
        pool.answered(on: connection)
        let pause = UInt64(response.retryAfterMilliseconds ?? 0) * 1_000_000
        attemptFailed(id, .refused(response.status, pauseNanosecondsMin: pause), MintmarkError(response))
    }

    /// The socket takes more bytes, or no more for now.
    func writabilityChanged(of connection: ConnectionID, isWritable: Bool) {
        pool.writabilityChanged(of: connection, isWritable: isWritable)
        settle()
    }

    /// A connection has ended, or could not be opened.
    func ended(_ connection: ConnectionHandler, _ loss: ConnectionStateMachine.Loss, _ reason: MintmarkError) {
        if dialing === connection { return dialFailed(connection, reason) }
        if connections.removeValue(forKey: connection.id) != nil {
            observer.connectionEnded(to: connection.endpoint, reason, unanswered: loss.calls.count)
        }
        pool.lost(connection.id, at: timekeeper.now(), using: &generator)
        for call in loss.calls {
            attemptFailed(call, .lost(wasBegun: loss.wereBegun), reason)
        }
    }

    /// A caller could not decode the body of an answer.
    func distrust(_ connection: ConnectionID, _ violation: ProtocolViolation) {
        connections[connection]?.end(MintmarkError(violation))
        settle()
    }

    private func attemptFailed(_ id: CallID, _ failure: CallProgress.Failure, _ error: MintmarkError) {
        guard calls.contains(id) else { return }
        let now = timekeeper.now()
        var verdict = calls.update(id) { record in
            record.progress.failed(failure, at: now, rules: settings.repetitionRules, using: &generator)
        }
        if case .repeatAt = verdict, pauses.pausingCount >= settings.pool.waitingMax { verdict = .giveUp }
        if verdict != .giveUp, let kind = calls[id]?.call.kind { observer.repeated(kind, after: error) }
        switch verdict {
        case .repeatAtOnce:
            calls.update(id) { $0.place = .waiting }
            pool.resubmitted(id)
        case .repeatAt(let instant):
            calls.update(id) { $0.place = .pausing }
            pauses.insert(id, until: instant)
        case .giveUp:
            finish(id, with: error)
        }
    }
}

// MARK: - Opening connections

extension ClientDriver {
    /// Opens a connection: connects, checks whom it would speak to, greets.
    func dial(_ dial: PoolStateMachine.Dial) {
        let endpoint = settings.endpoints[dial.endpoint]
        let connection = ConnectionHandler(id: dial.connection, endpoint: endpoint, driver: self)
        dialing = connection
        Dialer(eventLoop: eventLoop).connect(to: endpoint).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let connected): self.connected(connection, by: connected)
            case .failure(let error as MintmarkError): connection.end(error)
            case .failure(let error): connection.end(.unreachable(endpoint, error.reasonForPeople))
            }
            self.settle()
        }
    }

    /// A socket is connected: greets, if it is one the client will speak to.
    private func connected(_ connection: ConnectionHandler, by connected: Dialer.Connected) {
        let endpoint = connection.endpoint
        let channel = connected.channel
        // The attempt may have been given up meanwhile.
        guard dialing === connection else { return channel.close(promise: nil) }
        var handshake: EventLoopFuture<Void>?
        do {
            if let tls = connected.tls {
                handshake = connection.awaitHandshake(on: eventLoop)
                // Behind the connection first, so that it hears everything that TLS has to say.
                try channel.pipeline.syncOperations.addHandler(connection)
                let handler = try endpoint.makeTLSHandler(tls)
                try channel.pipeline.syncOperations.addHandler(handler, position: .before(connection))
            } else {
                try channel.pipeline.syncOperations.addHandler(connection)
            }
        } catch {
            channel.close(promise: nil)
            return connection.end(.unreachable(endpoint, error.reasonForPeople))
        }
        settings.trust.examine(channel, endpoint, handshake: handshake).assumeIsolated().whenComplete { result in
            switch result {
            case .success: connection.greet(self.hello())
            case .failure(let error as MintmarkError): connection.end(error)
            case .failure(let error): connection.end(.unreachable(endpoint, error.reasonForPeople))
            }
            self.settle()
        }
    }

    /// The connection could not be opened: tells the calls that need not wait any longer.
    private func dialFailed(_ connection: ConnectionHandler, _ reason: MintmarkError) {
        dialing = nil
        let error = reason.whileConnecting(to: connection.endpoint)
        latestDialError = error
        let now = timekeeper.now()
        let refused = pool.dialFailed(connection.id, isTerminal: error.isTerminal, at: now, using: &generator)
        observer.connectionFailed(to: connection.endpoint, error, refusedCalls: refused.count)
        for call in refused {
            finish(call, with: error)
        }
    }

    /// The connection took too long to open.
    func dialOverdue() {
        dialing?.end(slowDial)
    }

    /// What is told when no connection could be opened in time.
    var slowDial: MintmarkError {
        guard let dialing else { return MintmarkError(.cannotConnect, "no connection could be opened in time") }
        let missing = dialing.hasGreeted ? "it took the connection, but HELLO was not answered" : "it did not answer"
        return .unreachable(dialing.endpoint, "\(missing) in time")
    }

    private func hello() -> HelloRequest {
        HelloRequest(
            lowestVersion: ClientProtocol.version,
            highestVersion: ClientProtocol.version,
            clientName: settings.clientName,
            clientNonce: .random(count: 32, using: &generator)
        )
    }
}

extension MintmarkError {
    /// No connection to an endpoint could be opened.
    fileprivate static func unreachable(_ endpoint: Endpoint, _ reason: String) -> MintmarkError {
        MintmarkError(.cannotConnect, "cannot connect to \(endpoint): \(reason)")
    }

    /// What callers are told where a connection ended before it was open: that it could not be opened.
    fileprivate func whileConnecting(to endpoint: Endpoint) -> MintmarkError {
        switch code {
        case .connectionLost: .unreachable(endpoint, message)
        case .tlsHandshakeFailed: MintmarkError(code, "cannot connect to \(endpoint): \(message)")
        default: self
        }
    }
}

extension [UInt8] {
    /// So many random bytes.
    static func random(count: Int, using generator: inout some RandomNumberGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
