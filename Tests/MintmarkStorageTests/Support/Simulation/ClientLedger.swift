import MintmarkSessions
import MintmarkSessionsTestSupport

/// What the clients of a store know: the answers that have left, and the calls that were not answered.
///
/// Knows nothing of records and events, and so checks the store from the outside.
struct ClientLedger {
    struct Token: Equatable {
        let bytes: [UInt8]
        let generation: TokenGeneration

        init(_ granted: Granted) {
            bytes = granted.token
            generation = granted.generation
        }
    }

    struct Session {
        let id: SessionID
        let subject: [UInt8]
        let caller: SessionCaller
        /// Of answers that have left, oldest first.
        var tokens: [Token]
        /// A rotation whose answer waits.
        var rotation: (token: Token, after: LogSequenceNumber)?
        var revocation: Revocation?
        var isRevoked = false
        /// Whether the store has lost a tail that the newest token comes from.
        var isAhead = false

        var newest: Token { tokens[tokens.count - 1] }
        var mayBeRevoked: Bool { isRevoked || revocation != nil }
    }

    enum Revocation {
        case waiting(LogSequenceNumber)
        /// It was answered that nothing is known.
        case doubtful
    }

    private struct Opening {
        let session: Session
        let after: LogSequenceNumber
    }

    private(set) var sessions: [Session] = []
    private var openings: [Opening] = []
    /// Every token that was ever minted.
    private var minted: Set<[UInt8]> = []

    /// Sessions that have been opened, acknowledged or not.
    var count: Int { sessions.count + openings.count }

    // MARK: Answers

    mutating func opened(_ granted: Granted, _ caller: SessionCaller) throws {
        try mint(granted)
        let token = Token(granted)
        let session = Session(id: granted.sessionID, subject: granted.subject, caller: caller, tokens: [token])
        openings.append(Opening(session: session, after: granted.after))
    }

    /// A REFRESH was granted that presented token number `presented` of session `index`.
    mutating func refreshed(_ index: Int, presenting presented: Int, _ granted: Granted) throws {
        let session = sessions[index]
        let isNewest = presented == session.tokens.count - 1
        guard !session.isRevoked else { throw Breach("a revoked session was refreshed: \(session.id)") }
        switch granted.outcome {
        case .rotated, .fastForward:
            try mint(granted)
            guard session.isAhead == (granted.outcome == .fastForward) else {
                throw Breach("\(granted.outcome): session \(session.id), token \(presented)")
            }
            guard isNewest, session.rotation == nil else {
                throw Breach("an old token was rotated: session \(session.id), token \(presented)")
            }
            sessions[index].rotation = (Token(granted), granted.after)
        case .sameSuccessor:
            let successor = session.rotation.flatMap { isNewest ? $0.token : nil } ?? session.newest
            guard granted.token == successor.bytes, isNewest || presented == session.tokens.count - 2 else {
                throw Breach("a grace answer that is not the successor: session \(session.id), token \(presented)")
            }
        case .unchanged:
            guard isNewest, granted.token == session.newest.bytes else {
                throw Breach("an old token was kept: session \(session.id), token \(presented)")
            }
        }
    }

    /// Whatever was refused with `refusal` to the holder of token number `presented` must be refused.
    mutating func refused(_ index: Int, presenting presented: Int, _ rejection: SessionRejection) throws {
        let session = sessions[index]
        let isNewest = presented == session.tokens.count - 1
        switch rejection.refusal {
        case .revoked where session.mayBeRevoked:
            break
        case .storage, .notReady, .graceExhausted:
            // A revocation for reuse holds in memory, though the journal has not taken it.
            if rejection.reuse != nil {
                sessions[index].revocation = .doubtful
            }
        case .reused where !isNewest:
            sessions[index].revocation = .waiting(rejection.after)
        default:
            throw Breach(
                "\(rejection.refusal) for token \(presented) of \(session.tokens.count), session \(session.id)"
            )
        }
    }

    mutating func revoked(_ aim: SessionAim, _ mutation: SessionMutation) {
        let revocation = if case .done(let lsn) = mutation { Revocation.waiting(lsn) } else { Revocation.doubtful }
        for index in sessions.indices where sessions[index].isHit(by: aim) && !sessions[index].isRevoked {
            if case .waiting = sessions[index].revocation { continue }
            sessions[index].revocation = revocation
        }
        openings = openings.map { opening in
            guard opening.session.isHit(by: aim) else { return opening }
            var session = opening.session
            session.revocation = revocation
            return Opening(session: session, after: opening.after)
        }
    }

    /// Answers up to `lsn` have left.
    mutating func released(upTo lsn: LogSequenceNumber) {
        sessions += openings.filter { $0.after <= lsn }.map(\.session)
        openings.removeAll { $0.after <= lsn }
        for index in sessions.indices {
            if let rotation = sessions[index].rotation, rotation.after <= lsn {
                sessions[index].tokens.append(rotation.token)
                sessions[index].rotation = nil
                sessions[index].isAhead = false
            }
            if case .waiting(let after) = sessions[index].revocation, after <= lsn {
                sessions[index].isRevoked = true
                sessions[index].revocation = nil
            }
        }
    }

    // MARK: After a stop

    /// Asks a store that has started again about every session, and settles what nobody knew.
    ///
    /// - Parameter mayHaveForgotten: the mode allows that acknowledged changes but revocations are lost.
    mutating func meet(_ fixture: StorageFixture, mayHaveForgotten: Bool) throws {
        // Sessions that were never acknowledged are not asked for again: nobody holds their tokens.
        openings = []
        var kept: [Session] = []
        for session in sessions {
            var session = session
            guard try session.meet(fixture, mayHaveForgotten: mayHaveForgotten) else { continue }
            session.revocation = nil
            session.rotation = nil
            kept.append(session)
        }
        sessions = kept
    }

    private mutating func mint(_ granted: Granted) throws {
        guard minted.insert(granted.token).inserted else {
            throw Breach("a token was minted a second time: session \(granted.sessionID), \(granted.generation)")
        }
    }
}

/// A rule that was broken.
struct Breach: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension ClientLedger.Session {
    fileprivate func isHit(by aim: SessionAim) -> Bool {
        switch aim {
        case .session(let id): id == self.id
        case .everything(.all): true
        case .everything(.client(let client)): client == caller.clientID
        case .everything(.subject(let subject)): subject == self.subject
        }
    }

    /// Gives whether the session goes on to be of interest.
    fileprivate mutating func meet(_ fixture: StorageFixture, mayHaveForgotten: Bool) throws -> Bool {
        let answer = fixture.introspect(newest.bytes, caller: caller)
        let outcome = fixture.grantOutcome
        switch answer {
        case .inactive(.revoked, _) where mayBeRevoked:
            isRevoked = true
            return true
        case .inactive(.unknown, _) where mayHaveForgotten:
            return false
        case .active where isRevoked:
            throw Breach("a revoked session is back: \(id)")
        case .active where outcome == .sameSuccessor:
            guard let rotation else { throw Breach("the newest token of session \(id) is not the current one") }
            tokens.append(rotation.token)
            isAhead = false
            return true
        case .active where outcome == .fastForward:
            guard mayHaveForgotten || isAhead else { throw Breach("an acknowledged rotation was lost: session \(id)") }
            // Whoever holds the newest token takes the session forward; that starts its chain anew.
            tokens = [newest]
            isAhead = true
            return true
        case .active:
            return true
        case .inactive(let refusal, _):
            throw Breach("\(refusal) for the newest of \(tokens.count) tokens, session \(id), after a stop")
        }
    }
}
