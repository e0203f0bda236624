import MintmarkSessions
import MintmarkSessionsTestSupport

extension StoreFixture {
    func open(
        subject: String = "alice",
        scope: String? = nil,
        claims: String? = nil,
        context: String? = nil,
        attempt: [UInt8]? = nil,
        caller: SessionCaller = .client()
    ) -> Outcome {
        store.open(
            subject: subject,
            scope: scope,
            claims: claims,
            context: context,
            attempt: attempt,
            caller: caller,
            now: now,
            grant: &grant
        )
    }

    func refresh(_ token: [UInt8], context: String? = nil, caller: SessionCaller = .client()) -> Outcome {
        store.refresh(token, context: context, caller: caller, now: now, grant: &grant)
    }

    func introspect(_ token: [UInt8], caller: SessionCaller = .client()) -> SessionIntrospection {
        store.introspect(refreshToken: token.span.bytes, caller: caller, now: now, grant: &grant)
    }

    func revoke(_ aim: SessionAim) -> SessionMutation {
        store.revoke(aim, now: now) { self.clocks.wallSeconds }
    }

    func force(_ aim: SessionAim) -> SessionMutation {
        store.forceRotation(aim, now: now)
    }

    /// Whether an access token as the grant says would be refused.
    func rejects(_ granted: Granted, client: String = "local") -> Bool {
        store.rejectsAccessToken(
            subject: granted.subject.span.bytes,
            client: Array(client.utf8).span.bytes,
            sessionID: granted.sessionID,
            issuedAt: granted.issuedAt
        )
    }

    /// The session's record as it lies in the store.
    func record(_ id: SessionID) -> SessionRecord? {
        var found: SessionRecord?
        for number in 0..<store.shardCount where found == nil {
            store.copyShard(number).forEach { record in
                if record.state.id == id {
                    found = record
                }
            }
        }
        return found
    }
}
