import MintmarkClient
import MintmarkWire

/// What a refresh token is.
struct IntrospectAnswer: CommandAnswer {
    var introspection: Introspection

    var exitStatus: CommandStatus {
        switch introspection {
        case .active: .done
        case .inactive: .refused
        }
    }

    var json: String {
        var object = JSONObject()
        switch introspection {
        case .active(let session):
            object.add("active", true)
            object.add(session)
        case .inactive(let reason):
            object.add("active", false)
            object.add(reason: reason, sentence: reason.sentenceBeforeUse)
        }
        return object.text
    }

    func text(at now: UInt64) -> String {
        switch introspection {
        case .active(let session):
            var lines = AlignedLines()
            lines.add(session, at: now)
            return "ACTIVE" + (lines.isEmpty ? "" : "\n\n" + lines.text)
        case .inactive(let reason):
            return "INACTIVE  \(reason): \(reason.sentenceBeforeUse)"
        }
    }
}

extension JSONObject {
    /// The names are those of RFC 7662 section 2.2 where it has one.
    fileprivate mutating func add(_ session: SessionDescription) {
        add("sub", session.subject)
        add("aud", session.audience)
        add("scope", session.scope)
        add("client_id", session.clientID)
        add("session_id", session.sessionID?.hexadecimal)
        add("generation", session.generation)
        add("refresh_outcome", session.refreshOutcome?.name)
        add("refresh_expires_in", session.refreshExpiresInSeconds)
        add("refresh_expires_at", session.refreshExpiresAt)
        add("session_expires_in", session.sessionExpiresInSeconds)
        add("session_expires_at", session.sessionExpiresAt)
        add("created_at", session.createdAt)
        add("last_used_at", session.lastUsedAt)
        add("server_time", session.serverTime)
        add("claims", json: session.claims.map { JSONText($0).singleLine })
    }
}

extension AlignedLines {
    fileprivate mutating func add(_ session: SessionDescription, at now: UInt64) {
        func instant(_ seconds: UInt64?) -> String? {
            seconds.map { TimeText.instant($0, from: session.serverTime) }
        }
        add("subject", session.subject)
        add("audience", session.audience?.joined(separator: ", "))
        add("scope", session.scope)
        add("client id", session.clientID)
        add("session id", session.sessionID?.hexadecimal)
        add("generation", session.generation.map { "\($0)" })
        add("refresh outcome", session.refreshOutcome.map { "\($0.name): \($0.sentence)" })
        add("refresh expires", instant(session.refreshExpiresAt))
        add("session expires", instant(session.sessionExpiresAt))
        add("created", instant(session.createdAt))
        add("last used", instant(session.lastUsedAt))
        add("claims", session.claims.map { JSONText($0).singleLine })
    }
}
