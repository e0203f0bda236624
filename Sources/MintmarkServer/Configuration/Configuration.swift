package import MintmarkStorage

/// Everything an operator can decide about the daemon, checked. Immutable.
package struct Configuration: Sendable {
    /// TCP addresses; loopback only, unless the operator allowed others. There is at least one here, in ``unix`` or in
    /// ``tls``.
    package let listen: [ListenAddress]
    /// Path of a Unix socket to listen on.
    package let unix: String?
    /// Nil where nothing listens with TLS.
    package let tls: TLS?
    /// Health, metrics and public keys over HTTP.
    package let admin: Admin
    /// Whether listeners may be open to others that neither encrypt nor tell callers apart.
    let insecureListeners: Settings.InsecureListeners
    /// 1 to 256.
    package let threads: Int
    package let dataDirectory: String
    /// The `iss` claim.
    package let issuer: String
    /// File to write when the daemon is ready.
    package let readyFile: String?
    /// The audit log; nil: none is kept.
    package let auditFile: String?
    package let log: Log
    package let limits: Limits
    package let tokens: Tokens
    package let keys: Keys
    /// Others whose access tokens are good here.
    package let trustedIssuers: [TrustedIssuer]
    package let sessions: Sessions
    package let storage: Storage
    /// By client id; never empty.
    package let clients: [String: Client]
    /// Every setting with its value and where that came from, in the order of the reference.
    package let effective: [EffectiveSetting]

    /// The client that everybody is when no client is configured.
    package static let localClientID = "local"

    /// The client that everybody is; nil where clients are told apart.
    package var everybody: Client? { Self.everybody(of: clients) }

    static func everybody(of clients: [String: Client]) -> Client? {
        guard clients.count == 1, let local = clients[localClientID], local.identities.isEmpty else {
            return nil
        }
        return local
    }
}

extension Configuration {
    /// What one caller may cost.
    package struct Limits: Sendable, Equatable {
        package let frameLengthBytes: Int
        package let inFlight: Int
        package let connections: Int
        /// What all connections together may hold.
        package let memoryBytes: Int
        /// So long a request may wait for its turn, unless that lasts.
        package let queueTime: Duration
        package let handshakeTimeout: Duration
        package let frameTimeout: Duration
        /// Without any progress in writing for this long, a connection is closed.
        package let writeTimeout: Duration
        /// From the request to stop until connections are cut.
        package let shutdownTimeout: Duration
    }

    /// Where TLS is spoken, and with which files.
    package struct TLS: Sendable, Equatable {
        /// Whether callers are asked for a certificate.
        package enum ClientCertificates: String, Sendable, CaseIterable {
            /// No caller without one.
            case required
            /// Who shows one must be vouched for; who shows none is a caller without a certificate.
            case optional
            /// Nobody is asked.
            case none
        }

        /// At least one.
        package let listen: [ListenAddress]
        package let certificate: String
        package let privateKey: String
        package let clientCertificates: ClientCertificates
        /// Nil where callers are not asked for certificates.
        package let clientCA: String?
    }

    /// How access tokens are made and verified.
    package struct Tokens: Sendable, Equatable {
        /// The names of Ed25519 in a JOSE header (RFC 8037 and RFC 9864).
        package enum Algorithm: String, Sendable, CaseIterable {
            case edDSA = "EdDSA"
            case ed25519 = "Ed25519"
        }

        /// The `typ` header, made and expected.
        package let type: String
        /// The `alg` header that is written; both are accepted.
        package let algorithm: Algorithm
        /// Whole seconds.
        package let leeway: Duration
        /// 0 turns the cache of verified tokens off.
        package let cacheSizeBytes: Int
        package let signingKeyFile: String
        /// Whether the signing key is another file than the one that the server makes.
        package let isSigningKeyProvided: Bool
        package let signingKeyPassphraseFile: String?
    }

    /// Bounds and secrets of the session store.
    package struct Sessions: Sendable, Equatable {
        package let max: Int
        package let cutOffsMax: Int
        package let sweepInterval: Duration
        package let masterKeyFile: String
    }

    /// What survives a stop.
    package struct Storage: Sendable, Equatable {
        package let durability: DurabilityMode
        package let snapshotInterval: Duration
        package let segmentSizeBytes: Int
    }
}

/// A setting as it took effect, for people to read. Immutable.
package struct EffectiveSetting: Sendable, Equatable {
    package let name: String
    package let value: String
    /// The value as a file spells it; nil where there is none.
    package internal(set) var yaml: String?
    package let origin: ConfigurationOrigin
}
