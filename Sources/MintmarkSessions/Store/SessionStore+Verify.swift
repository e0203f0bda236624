import MintmarkCrypto

/// What the sessions say about access tokens.
extension SessionStore {
    /// Whether an access token must be refused although its signature and times are good: it was issued before a
    /// cut-off of its subject, its client or all, or its session is known here and revoked.
    ///
    /// Takes no lock while nothing is revoked, and allocates nothing.
    package func rejectsAccessToken(
        subject: RawSpan,
        client: RawSpan,
        sessionID: SessionID?,
        issuedAt: UInt64
    ) -> Bool {
        if cutOffs.rejects(subject: subject, client: client, issuedAt: issuedAt) {
            return true
        }
        guard let sessionID else { return false }
        let box = shard(of: sessionID)
        guard box.revokedCount > 0 else { return false }
        return box.withLock { shard in
            shard.find(sessionID).flatMap { shard.load(at: $0) }?.state.revocation != nil
        }
    }

    /// Whether a session is known, not revoked, not cut off and not expired, and the number of the event that an
    /// answer which says so has to wait for. Nil: it is revoked, but the journal has not taken that yet, so a restart
    /// could bring it back, and nothing may be told of it.
    package func liveness(of id: SessionID, now: SessionInstant) -> (isLive: Bool?, after: LogSequenceNumber) {
        liveness(of: id, now: now, where: { _, _, _ in true })
    }

    /// The same of a session that must be this subject's at this client; any other one is not alive for them.
    package func liveness(
        of id: SessionID,
        subject: RawSpan,
        clientID: RawSpan,
        now: SessionInstant
    ) -> (isLive: Bool?, after: LogSequenceNumber) {
        liveness(of: id, now: now) { session, place, shard in
            shard.withSharedTerms(of: session) { $0.isClient(clientID) }
                && shard.withTexts(of: session, at: place) { own, _ in own.bytes.hasSameBytes(as: subject) }
        }
    }

    private func liveness(
        of id: SessionID,
        now: SessionInstant,
        where isMeant: (PackedSession, Int, SessionShard) -> Bool
    ) -> (isLive: Bool?, after: LogSequenceNumber) {
        shard(of: id).withLock { shard in
            guard let place = shard.find(id), let session = shard.load(at: place) else { return (false, .zero) }
            // A tombstone does not know whose session it was, and is not alive for anybody.
            guard session.state.isTombstone || isMeant(session, place, shard) else { return (false, .zero) }
            guard !session.isRevocationHeld else { return (nil, .zero) }
            let cutOff = cutOffLSN(of: session, at: place, shard)
            let isRevoked = session.state.revocation != nil || cutOff != nil
            let isLive = !isRevoked && now.storeSeconds < session.state.expirySeconds
            return (isLive, max(cutOff ?? .zero, shard.unsettled.lsn(of: id)))
        }
    }

    /// The number of a cut-off that a session was opened before; nil if there is none.
    private func cutOffLSN(of session: PackedSession, at place: Int, _ shard: SessionShard) -> LogSequenceNumber? {
        guard cutOffs.count > 0 else { return nil }
        return shard.withSharedTerms(of: session) { terms in
            shard.withTexts(of: session, at: place) { subject, _ in
                let client = terms.bytes.span.bytes.extracting(first: terms.clientByteCount)
                return cutOffs.cutOffLSN(subject: subject.bytes, client: client, openLSN: session.state.openLSN)
            }
        }
    }
}
