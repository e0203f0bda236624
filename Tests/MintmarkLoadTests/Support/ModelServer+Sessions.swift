import MintmarkWire

/// The rules of sessions, each in its line, and its fault beside it.
extension ModelServer {
    func refresh(_ request: RefreshRequest, _ state: inout ModelState) throws(WireError) -> RefreshResponse {
        let (session, generation) = try find(request.refreshToken, &state)
        let record = state.sessions[session]
        guard !record.isRevoked || (fault == .refreshIgnoresRevocation && generation == record.generation) else {
            throw WireError(.revoked)
        }
        if generation == record.generation { return rotate(session, &state) }
        if generation > record.generation {
            state.sessions[session].generation = generation
            var response = rotate(session, &state)
            response.refreshOutcome = .fastForward
            return response
        }
        let now = ModelState.milliseconds
        let isInside = now <= record.rotatedAt + graceMilliseconds || fault == .graceNeverEnds
        let isPrevious = generation + 1 == record.generation || fault == .olderGenerationIsGrace
        guard isPrevious, isInside, fault != .noGrace else {
            endAfterReuse(session, &state)
            throw WireError(.reused)
        }
        guard record.graceUses < graceUses || fault == .graceIsNotCapped else { throw WireError(.graceExhausted) }
        if fault == .retryForks { return rotate(session, &state) }
        state.sessions[session].graceUses += 1
        if fault == .retryExtendsWindow { state.sessions[session].rotatedAt = now }
        if fault == .graceExtendsExpiry { state.sessions[session].refreshExpiresAt += 60 }
        return RefreshResponse(
            grant: grant(session, &state),
            refreshOutcome: .sameSuccessor,
            generation: record.generation
        )
    }

    private func rotate(_ session: Int, _ state: inout ModelState) -> RefreshResponse {
        state.sessions[session].generation += 1
        state.sessions[session].rotatedAt = ModelState.milliseconds
        state.sessions[session].graceUses = 0
        let generation = state.sessions[session].generation
        return RefreshResponse(grant: grant(session, &state), refreshOutcome: .rotated, generation: generation)
    }

    private func endAfterReuse(_ session: Int, _ state: inout ModelState) {
        state.sessions[session].isRevoked = true
        guard fault == .reuseEndsSubject else { return }
        let subject = state.sessions[session].subject
        for other in state.sessions.indices where state.sessions[other].subject == subject {
            state.sessions[other].isRevoked = true
        }
    }

    /// The session and generation that a refresh token names.
    func find(
        _ token: [UInt8],
        _ state: inout ModelState
    ) throws(WireError) -> (session: Int, generation: UInt32) {
        let parts = String(decoding: token, as: UTF8.self).split(separator: "_", maxSplits: 3).map(String.init)
        guard
            parts.count == 4, let session = Int(parts[1]), state.sessions.indices.contains(session),
            let generation = UInt32(parts[2])
        else { throw WireError(.invalid) }
        guard parts[3] == "tag_of_ten_bytes" else {
            if fault == .forgedTagRevokes { state.sessions[session].isRevoked = true }
            throw WireError(.invalid)
        }
        return (session, generation)
    }

    func revoke(_ request: RevokeRequest, _ state: inout ModelState) {
        switch request.target {
        case .refreshToken(let token):
            guard let (session, _) = try? find(token, &state) else { return }
            state.sessions[session].isRevoked = true
        case .sessionID(let id):
            guard let session = state.sessions.indices.first(where: { ModelState.sessionID($0) == id }) else { return }
            state.sessions[session].isRevoked = true
        case .subject(let subject):
            state.cutOffs[subject] = state.order
            for session in state.sessions.indices where state.sessions[session].subject == subject {
                state.sessions[session].isRevoked = true
            }
        case .clientID, .all:
            return
        }
    }

    func introspect(_ request: IntrospectRequest, _ state: ModelState) -> IntrospectResponse {
        var state = state
        let serverTime = state.serverTime
        do throws(WireError) {
            let (session, generation) = try find(request.refreshToken, &state)
            let record = state.sessions[session]
            guard !record.isRevoked else { throw WireError(.revoked) }
            guard generation + 1 >= record.generation else { throw WireError(.reused) }
            let isCurrent = generation == record.generation
            return IntrospectResponse(
                serverTime: serverTime,
                isActive: true,
                refreshExpiresInSeconds: UInt32(record.refreshExpiresAt - serverTime),
                refreshOutcome: isCurrent ? .rotated : generation > record.generation ? .fastForward : .sameSuccessor
            )
        } catch {
            return IntrospectResponse(serverTime: serverTime, isActive: false, reason: StatusCode(error.status))
        }
    }
}
