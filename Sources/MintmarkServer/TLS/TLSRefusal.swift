import MintmarkCrypto
import MintmarkEngine
import NIOSSL

/// Why a connection to a TLS port was not taken.
enum TLSRefusal: Sendable, Equatable, CaseIterable {
    /// What came is no TLS.
    case plaintext
    case noCertificate
    case unknownAuthority
    case expiredCertificate
    case notYetValidCertificate
    case unfitCertificate
    /// The peer speaks no version of TLS that is taken.
    case version
    /// The peer does not name this protocol.
    case applicationProtocol
    /// More bytes than a handshake needs.
    case tooLong
    /// Anything else: garbage, or a peer that does not trust this server.
    case handshake

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
        }
    }
}
