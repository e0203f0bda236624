import MintmarkCrypto
import MintmarkEngine
import NIOSSL

/// Why a connection was not taken that speaks TLS, or should. The raw value is the name that counters and the audit log
/// tell.
enum TLSRefusal: String, Sendable, Equatable, CaseIterable {
    /// What came to a TLS port is no TLS.
    case plaintext = "tls_plaintext"
    case noCertificate = "tls_no_certificate"
    case unknownAuthority = "tls_unknown_authority"
    case expiredCertificate = "tls_certificate_expired"
    case notYetValidCertificate = "tls_certificate_not_yet_valid"
    case unfitCertificate = "tls_certificate_unfit"
    /// The peer speaks no version of TLS that is taken.
    case version = "tls_version_refused"
    /// The peer does not name this protocol.
    case applicationProtocol = "tls_protocol_refused"
    /// More bytes than a handshake needs.
    case tooLong = "tls_handshakes_too_long"
    /// Anything else: garbage, or a peer that does not trust this server.
    case handshake = "tls_handshakes_failed"
    /// TLS came to a port that speaks none.
    case toPlaintext = "connections_tls_to_plaintext"

    init(_ fault: CertificateFault) {
        self =
            switch fault {
            case .unknownAuthority: .unknownAuthority
            case .expired: .expiredCertificate
            case .notValidYet: .notYetValidCertificate
            case .unfit: .unfitCertificate
            }
    }

    /// What NIOSSL says of a handshake that failed. It tells reasons in the words of its library only.
    init(_ error: BoringSSLError) {
        let words = "\(error)"
        self =
            if words.contains("PEER_DID_NOT_RETURN_A_CERTIFICATE") {
                .noCertificate
            } else if words.contains("UNSUPPORTED_PROTOCOL") || words.contains("WRONG_VERSION_NUMBER") {
                .version
            } else {
                .handshake
            }
    }

    /// Where it is counted.
    var counter: ServerCounter {
        switch self {
        case .plaintext: .tlsPlaintext
        case .noCertificate: .tlsNoCertificate
        case .unknownAuthority: .tlsUnknownAuthority
        case .expiredCertificate: .tlsCertificateExpired
        case .notYetValidCertificate: .tlsCertificateNotYetValid
        case .unfitCertificate: .tlsCertificateUnfit
        case .version: .tlsVersionRefused
        case .applicationProtocol: .tlsProtocolRefused
        case .tooLong: .tlsHandshakesTooLong
        case .handshake: .tlsHandshakesFailed
        case .toPlaintext: .connectionsTLSToPlaintext
        }
    }
}
