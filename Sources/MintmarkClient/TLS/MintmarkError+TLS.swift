import NIOSSL

extension MintmarkError {
    /// What a failure of TLS means; nil for any other.
    init?(tls error: any Error) {
        switch error {
        case NIOSSLError.handshakeFailed(let reason):
            self.init(handshake: "\(reason)")
        case is NIOSSLExtraError:
            self = .otherServerName
        case NIOSSLError.uncleanShutdown:
            self.init(.connectionLost, "the server ended the connection without the farewell of TLS")
        case let error as BoringSSLError where Self.wantsCertificate("\(error)"):
            self = .certificateRequired
        case let error as BoringSSLError:
            self = Self.refusal("\(error)") ?? MintmarkError(.connectionLost, "TLS broke: \(error)")
        default:
            return nil
        }
    }

    private static let certificateRequired = MintmarkError(
        .authenticationRequired,
        "the server wants a client certificate"
    )

    /// Over TLS 1.3 a server can say so behind the handshake, too.
    private static func wantsCertificate(_ reason: String) -> Bool { reason.contains("CERTIFICATE_REQUIRED") }

    /// A server that is another one than was meant.
    static let otherServerName = MintmarkError(.serverUntrusted, "the server's certificate has another name")

    /// A server that settles on another protocol.
    static let otherApplicationProtocol = MintmarkError(
        .protocolViolation,
        "the server does not speak \(TLSSettings.applicationProtocol) over TLS"
    )

    private init(handshake reason: String) {
        if reason.contains("CERTIFICATE_VERIFY_FAILED") {
            self.init(.serverUntrusted, "the server's certificate is not one that is trusted")
        } else if reason.contains("WRONG_VERSION_NUMBER") {
            self.init(.tlsHandshakeFailed, "what answers there does not speak TLS")
        } else if Self.wantsCertificate(reason) {
            self = .certificateRequired
        } else {
            self = Self.refusal(reason) ?? MintmarkError(.connectionLost, "the TLS handshake failed: \(reason)")
        }
    }

    /// The alerts of RFC 8446 section 6 that a server sends for what a client can help; nil for any other.
    private static func refusal(_ reason: String) -> MintmarkError? {
        let alerts = [
            ("ALERT_UNKNOWN_CA", "the server does not know the authority of the client certificate"),
            ("ALERT_CERTIFICATE", "the server refused the client certificate"),
            ("ALERT_BAD_CERTIFICATE", "the server refused the client certificate"),
            ("ALERT_PROTOCOL_VERSION", "the server speaks no common version of TLS"),
        ]
        return alerts.first { reason.contains($0.0) }.map { MintmarkError(.tlsHandshakeFailed, $0.1) }
    }
}
