/// What the operations on one session have in common. The texts of the session are in the grant.
extension SessionStore {
    /// Judges a session by the cut-offs, and gives the `iat` for its next access token.
    func admission(
        of grant: GrantBuffer,
        openLSN: LogSequenceNumber,
        now: SessionInstant
    ) -> CutOffTable.Admission {
        let bytes = grant.bytes.span.bytes
        return cutOffs.admit(
            subject: bytes.extracting(grant.subject),
            client: bytes.extracting(grant.client),
            openLSN: openLSN,
            wallSeconds: now.wallSeconds
        )
    }

    /// The number of a cut-off that the session was opened before; nil if there is none. Hands out no `iat`.
    func cutOffLSN(of grant: GrantBuffer, openLSN: LogSequenceNumber) -> LogSequenceNumber? {
        let bytes = grant.bytes.span.bytes
        return cutOffs.cutOffLSN(
            subject: bytes.extracting(grant.subject),
            client: bytes.extracting(grant.client),
            openLSN: openLSN
        )
    }

    /// What of the store bears on a decision about the session.
    func surroundings(
        of session: PackedSession,
        _ grant: GrantBuffer,
        cutOffLSN: LogSequenceNumber?
    ) -> RefreshSurroundings {
        let bytes = grant.bytes.span.bytes
        let mark = forcedMarks.newest(
            subject: bytes.extracting(grant.subject),
            client: bytes.extracting(grant.client),
            openLSN: session.state.openLSN
        )
        return RefreshSurroundings(
            storeEpoch: epochs.current,
            isTouched: session.isTouched,
            isCutOff: cutOffLSN != nil,
            forcedMark: mark
        )
    }

    /// A refusal that depends on what is known of `session`. It is `storage` while the session is revoked and the journal
    /// has not taken that: a restart could bring it back, so nobody is told for good.
    func rejection(
        _ refusal: SessionRefusal,
        of session: PackedSession,
        _ shard: SessionShard,
        after lsn: LogSequenceNumber = .zero
    ) -> SessionRejection {
        var rejection = SessionRejection(session.isRevocationHeld ? .storage : refusal)
        rejection.sessionID = session.state.id
        rejection.after = max(lsn, shard.unsettled.lsn(of: session.state.id))
        return rejection
    }
}
