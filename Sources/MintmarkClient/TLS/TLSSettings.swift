/// Whom a client believes over TLS, and how it proves who it is itself.
///
/// The files are read again for every connection, so that certificates can be replaced while the client lives.
public struct TLSSettings: Hashable, Sendable {
    /// Who vouches for servers.
    public enum TrustRoots: Hashable, Sendable {
        /// The authorities that this system trusts.
        case system
        /// The authorities in a PEM file, and no others.
        case file(path: String)
    }

    /// The client's own certificate, for servers that ask for one.
    public struct Identity: Hashable, Sendable {
        /// A PEM file: the certificate, and those between it and its authority behind it.
        public var certificatePath: String

        /// A PEM file: the private key, without passphrase. Readable by nobody else.
        public var privateKeyPath: String

        /// Names the two files.
        public init(certificatePath: String, privateKeyPath: String) {
            self.certificatePath = certificatePath
            self.privateKeyPath = privateKeyPath
        }
    }

    /// Who vouches for the server.
    public var trustRoots: TrustRoots

    /// What the client proves itself with; nil: nothing.
    public var identity: Identity?

    /// The DNS name that the server's certificate must have; nil: the host of the endpoint, a name or an address.
    public var serverName: String?

    /// Makes settings.
    public init(trustRoots: TrustRoots = .system, identity: Identity? = nil, serverName: String? = nil) {
        self.trustRoots = trustRoots
        self.identity = identity
        self.serverName = serverName
    }
}
