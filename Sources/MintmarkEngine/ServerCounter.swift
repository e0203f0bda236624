package import MintmarkWire

/// A thing that is counted, under the name that STATS reports.
///
/// This is the one list of counters: STATS and everything else that observes the server reads it.
package struct ServerCounter: Equatable, Sendable {
    /// The place in a `CounterBlock`.
    let index: Int

    /// Requests of one kind that were executed, whatever came of them: `requests_sign`.
    package static func requests(_ kind: Kind) -> ServerCounter { ServerCounter(index: Int(kind.rawValue)) }

    /// Errors and reasons that were answered: `status_reused`.
    package static func status(_ status: Status) -> ServerCounter {
        ServerCounter(index: kindsCount + statusesIndex[Int(status.rawValue)])
    }

    /// Those of them that were answered with an error: `errors_sign`.
    package static func errors(_ kind: Kind) -> ServerCounter {
        ServerCounter(index: kindsCount + statuses.count + ownNames.count + Int(kind.rawValue))
    }

    /// REFRESH that met a token which had been traded before, by how old it was.
    package static func reuse(_ reuseClass: ReuseClass) -> ServerCounter {
        switch reuseClass {
        case .previousAfterWindow: named(31)
        case .olderGeneration: named(32)
        case .olderEpoch: named(33)
        }
    }

    /// Tokens that VERIFY and INTROSPECT found to be no good.
    package static let verifyInactive = named(34)
    package static let introspectInactive = named(35)

    /// Requests that were answered BUSY because they had waited too long, or because their connection held
    /// more than its share of a memory that was used up.
    package static let shedWaiting = named(36)
    package static let shedMemory = named(37)

    package static let verifyActive = named(0)
    package static let refreshRotated = named(1)
    package static let refreshSameSuccessor = named(2)
    package static let refreshUnchanged = named(3)
    package static let refreshFastForward = named(4)
    package static let connectionsOpened = named(5)
    package static let connectionsClosed = named(6)
    package static let connectionErrors = named(7)
    package static let connectionFaults = named(8)
    package static let connectionsStalled = named(9)
    package static let connectionsHeldBack = named(10)
    /// A peer spoke TLS to a port that does not.
    package static let connectionsTLSToPlaintext = named(11)
    package static let tlsHandshakes = named(12)
    package static let tlsPlaintext = named(13)
    package static let tlsNoCertificate = named(14)
    package static let tlsUnknownAuthority = named(15)
    package static let tlsCertificateExpired = named(16)
    package static let tlsCertificateNotYetValid = named(17)
    package static let tlsCertificateUnfit = named(18)
    package static let tlsVersionRefused = named(19)
    package static let tlsProtocolRefused = named(20)
    package static let tlsHandshakesTooLong = named(21)
    package static let tlsHandshakesFailed = named(22)

    /// Users of a Unix socket that are no client.
    package static let handshakesUserUnknown = named(23)
    /// Certificates with no client's name.
    package static let handshakesCertificateUnknown = named(24)
    /// Channels on which nobody can prove to be a client: in clear, beyond loopback.
    package static let handshakesInClear = named(25)
    /// AUTH frames with a fault.
    package static let handshakesAuthMalformed = named(26)
    /// AUTH for a client that is not configured, or has no key.
    package static let handshakesClientUnknown = named(27)
    /// AUTH with a signature that no key of the client has made over this connection.
    package static let handshakesSignatureInvalid = named(28)
    package static let handshakesAuthenticated = named(29)
    /// Connections whose client, or what identified it, a reload has removed.
    package static let callersGone = named(30)

    private static let ownNames = [
        "verify_active",
        "refresh_rotated", "refresh_same_successor", "refresh_unchanged", "refresh_fast_forward",
        "connections_opened", "connections_closed", "connections_errors", "connections_faults", "connections_stalled",
        "connections_held_back", "connections_tls_to_plaintext",
        "tls_handshakes", "tls_plaintext", "tls_no_certificate", "tls_unknown_authority", "tls_certificate_expired",
        "tls_certificate_not_yet_valid", "tls_certificate_unfit", "tls_version_refused", "tls_protocol_refused",
        "tls_handshakes_too_long", "tls_handshakes_failed",
        "handshakes_user_unknown", "handshakes_certificate_unknown", "handshakes_in_clear",
        "handshakes_auth_malformed", "handshakes_client_unknown", "handshakes_signature_invalid",
        "handshakes_authenticated", "callers_gone",
        "reuse_previous_after_window", "reuse_older_generation", "reuse_older_epoch",
        "verify_inactive", "introspect_inactive", "shed_waiting", "shed_memory",
    ]

    private static let kindsCount = 32
    private static let statuses = Status.allCases
    /// Status number to place, so that counting costs one load.
    private static let statusesIndex: [Int] = {
        var places = [Int](repeating: 0, count: 1 + Int(statuses.map(\.rawValue).max() ?? 0))
        for (place, status) in statuses.enumerated() {
            places[Int(status.rawValue)] = place
        }
        return places
    }()

    private static func named(_ place: Int) -> ServerCounter {
        ServerCounter(index: kindsCount + statuses.count + place)
    }

    /// Every counter with its name.
    package static let all: [(counter: ServerCounter, name: String)] =
        Kind.allCases.map { (requests($0), "requests_\($0.name.lowercased())") }
        + Kind.allCases.map { (errors($0), "errors_\($0.name.lowercased())") }
        + statuses.map { (status($0), "status_\($0.name.lowercased())") }
        + ownNames.enumerated().map { (named($0.offset), $0.element) }
}
