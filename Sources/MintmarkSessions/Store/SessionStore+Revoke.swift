/// What a revocation or a forced rotation is aimed at.
package enum SessionAim: Equatable, Sendable {
    case session(SessionID)

    /// Everything of a subject, of a client, or of all, without enumeration.
    case everything(of: SessionTarget)
}

extension SessionStore {
    /// Revokes one session, or everything of a target. Unknown is success.
    ///
    /// When the journal cannot be written to, the revocation holds in memory at once and the answer is
    /// ``SessionRefusal/storage``.
    ///
    /// - Parameter wallSeconds: reads the wall clock; called in the critical section of a cut-off.
    package func revoke(
        _ aim: SessionAim,
        now: SessionInstant,
        readingWallSeconds wallSeconds: () -> UInt64
    ) -> SessionMutation {
        switch aim {
        case .session(let id):
            return change(id) { session, place, shard in
                revoke(session, at: place, .requested, &shard, now: now)
            }
        case .everything(let target):
            return cutOffs.cutOff(
                target,
                storeSeconds: now.storeSeconds,
                journal: journal,
                readingWallSeconds: wallSeconds
            )
        }
    }

    /// The session of a refresh token, whichever of its tokens it is; nil where it is none of this server's.
    package func sessionID(ofRefreshToken refreshToken: RawSpan) -> SessionID? {
        codec.decode(refreshToken)?.sessionID
    }

    /// Revokes one session of the caller. Unknown is success, another client's is ``SessionRefusal/clientMismatch``.
    ///
    /// - Parameter admit: asked when nothing else can refuse, before the session changes; not where nothing changes.
    package func revoke(
        _ id: SessionID,
        caller: SessionCaller,
        now: SessionInstant,
        admit: () -> SessionRefusal?
    ) -> SessionMutation {
        change(id) { session, place, shard in
            let isOwnClient = shard.withSharedTerms(of: session) { $0.isClient(caller.clientID.span.bytes) }
            guard session.state.isTombstone || isOwnClient else {
                return .clientMismatch
            }
            if session.state.revocation == nil, let refusal = admit() { return refusal }
            return revoke(session, at: place, .requested, &shard, now: now)
        }
    }

    /// Makes one session, or all of a target, rotate at their next REFRESH. Unknown is success.
    package func forceRotation(_ aim: SessionAim, now: SessionInstant) -> SessionMutation {
        switch aim {
        case .session(let id):
            return change(id) { session, place, shard in
                mark(session, at: place, &shard)
            }
        case .everything(let target):
            return forcedMarks.mark(target, storeSeconds: now.storeSeconds, journal: journal)
        }
    }

    /// Revokes a loaded session, in its shard's critical section. Nil, or why the answer cannot be success; the
    /// revocation holds in memory either way.
    func revoke(
        _ session: PackedSession,
        at place: Int,
        _ reason: RevocationReason,
        _ shard: inout SessionShard,
        now: SessionInstant
    ) -> SessionRefusal? {
        if session.state.revocation != nil, !session.isRevocationHeld {
            // What was written may not be durable yet, and will not be while the journal fails.
            return journal.isWritable ? nil : .storage
        }
        let expiry = accessTokenExpiryBound(of: session.state, now: now)
        let reason = session.state.revocation ?? reason
        let change = SessionChange.revoked(reason, accessTokenExpirySeconds: expiry)
        let lsn = shard.append(.changed(session.state.id, change), to: journal)
        var next = session
        next.state.apply(change, at: lsn ?? .zero)
        next.isRevocationHeld = lsn == nil
        shard.store(next, at: place, replacing: session)
        guard let lsn else { return .storage }
        if lsn > journal.durableLSN {
            shard.noteUnsettled(session.state.id, lsn)
        }
        return nil
    }

    /// Writes the revocation of a loaded session that the journal has not taken, if it takes it now. In the shard's critical
    /// section.
    func journalHeldRevocation(
        of session: inout PackedSession,
        at place: Int,
        _ shard: inout SessionShard,
        now: SessionInstant
    ) {
        guard revoke(session, at: place, .requested, &shard, now: now) == nil, let written = shard.load(at: place)
        else {
            return
        }
        session = written
    }

    /// Marks a loaded session, in its shard's critical section.
    private func mark(_ session: PackedSession, at place: Int, _ shard: inout SessionShard) -> SessionRefusal? {
        guard session.state.revocation == nil else { return nil }
        var next = session
        // The number is not known yet, the size of the slot is the same for all but zero.
        next.state.apply(.forced, at: .max)
        guard let reservation = shard.reserve(for: next, at: place, replacing: session) else { return .storeFull }
        guard let lsn = shard.append(.changed(session.state.id, .forced), to: journal) else {
            shard.cancel(reservation)
            return .storage
        }
        next = session
        next.state.apply(.forced, at: lsn)
        shard.store(next, at: place, replacing: session, in: reservation)
        if lsn > journal.durableLSN {
            shard.noteUnsettled(session.state.id, lsn)
        }
        return nil
    }

    /// Runs `body` on a session in its shard's critical section.
    private func change(
        _ id: SessionID,
        _ body: (PackedSession, Int, inout SessionShard) -> SessionRefusal?
    ) -> SessionMutation {
        shard(of: id).withLock { shard in
            guard let place = shard.find(id), let session = shard.load(at: place) else { return .done(.zero) }
            if let refusal = body(session, place, &shard) {
                return .refused(refusal)
            }
            return .done(shard.unsettled.lsn(of: id))
        }
    }
}
