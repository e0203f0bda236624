package import MintmarkSessions

/// One thing that happened and that somebody may want to know later. Holds names and identifiers, never a token or a
/// key; the time is that of recording it.
package struct AuditEvent: Equatable, Sendable {
    package enum Name: String, CaseIterable, Sendable {
        case started
        case stopped
        case reloaded
        case reloadRefused = "reload_refused"

        /// Who would have been a caller was turned away; the reason says why.
        case callerRefused = "caller_refused"
        /// A reload has taken from a connected caller what made it one, and its connection ends.
        case callerGone = "caller_gone"
        /// An operation was refused by a permission, because the audit log cannot be written, or because its refresh
        /// token is another client's.
        case operationRefused = "operation_refused"
        /// An administrative operation is about to be done; another event tells what came of it.
        case operationBegun = "operation_begun"

        case sessionOpened = "session_opened"
        /// A refresh token was used again, and its session is revoked.
        case refreshTokenReused = "refresh_token_reused"
        /// A refresh token came from another client than its session's, and the session is revoked.
        case refreshTokenForeign = "refresh_token_foreign"
        case revoked
        case rotationForced = "rotation_forced"
        case snapshotRequested = "snapshot_requested"

        case keyPrepared = "key_prepared"
        case keyActivated = "key_activated"
        case keyRetired = "key_retired"
        case keyRevoked = "key_revoked"
        case keyRemoved = "key_removed"
        case keyImported = "key_imported"

        /// So many refusals for one reason were not told in the second before.
        case refusalsLeftOut = "refusals_left_out"
        /// So many events before this one were not kept.
        case eventsLost = "events_lost"
    }

    /// A detail under a name of its own, such as the id of a key.
    package struct Fact: Equatable, Sendable {
        package enum Value: Equatable, Sendable {
            case text(String)
            case number(UInt64)
            case names([String])
        }

        package var name: String
        package var value: Value

        package init(_ name: String, _ text: String) {
            self.name = name
            value = .text(text)
        }

        package init(_ name: String, _ number: UInt64) {
            self.name = name
            value = .number(number)
        }

        package init(_ name: String, _ names: [String]) {
            self.name = name
            value = .names(names)
        }
    }

    package var name: Name
    /// The caller; nil where none is known yet, or the server itself acts.
    package var clientID: [UInt8]?
    /// Where the caller's connection comes from.
    package var peer: String?
    package var sessionID: SessionID?
    package var subject: [UInt8]?
    /// Why, in one word: the name of a status, of a rule, of a kind of reuse.
    package var reason: String?
    package var facts: [Fact] = []
    /// Whether the caller is an administrator.
    package var isByAdministrator = false

    package init(_ name: Name) {
        self.name = name
    }

    /// Bytes that the event keeps alive, about: what a queue is bounded by.
    package var byteCount: Int {
        let texts = [peer, reason].reduce(0) { $0 + ($1?.utf8.count ?? 0) }
        let bytes = (clientID?.count ?? 0) + (subject?.count ?? 0)
        return facts.reduce(256 + texts + bytes) { $0 + 64 + $1.name.utf8.count + $1.value.byteCount }
    }
}

extension AuditEvent.Fact.Value {
    fileprivate var byteCount: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .number: 0
        case .names(let names): names.reduce(0) { $0 + 16 + $1.utf8.count }
        }
    }
}
