import MintmarkCrypto
import NIOConcurrencyHelpers
import NIOSSL

/// What TLS listeners show of themselves and ask of callers: one state of the files that the configuration names.
///
/// A connection keeps the one that it began with.
final class TLSContext: Sendable {
    let sslContext: NIOSSLContext
    /// SHA-256 of the server's own certificate, which AUTH is bound to.
    let serverCertificateSHA256: [UInt8]
    /// The last second at which the server's certificate is valid, counted from 1970.
    let validThroughSeconds: Int64
    let clientCertificates: Configuration.TLS.ClientCertificates
    /// Those that vouch for callers; nil where no certificate is asked for.
    let authorities: CertificateAuthorities?

    /// The most intermediate certificates that are remembered for callers who resume a TLS session.
    static let intermediatesRememberedMax = 64

    /// Certificates that stood between a caller's and an authority's. Who resumes a session sends none. Only of handshakes
    /// that were completed: anybody can present another's certificate, with whatever beside it.
    private let intermediates = NIOLockedValueBox<[Certificate]>([])

    init(
        sslContext: NIOSSLContext,
        serverCertificate: Certificate,
        validThroughSeconds: Int64,
        clientCertificates: Configuration.TLS.ClientCertificates,
        authorities: CertificateAuthorities?
    ) {
        self.sslContext = sslContext
        serverCertificateSHA256 = serverCertificate.fingerprint
        self.validThroughSeconds = validThroughSeconds
        self.clientCertificates = clientCertificates
        self.authorities = authorities
    }

    /// Judges what a caller presented in a full handshake: its own certificate first.
    func judge(_ presented: [[UInt8]], atSeconds seconds: Int64) throws(CertificateFault) -> CallerCertificate {
        guard presented.count <= 1 + CertificateAuthorities.chainDepthMax else { throw .unfit }
        let certificates = presented.compactMap(Certificate.init(bytes:))
        guard let leaf = certificates.first, certificates.count == presented.count else { throw .unfit }
        let others = Array(certificates.dropFirst())
        return try judge(leaf, others: others, atSeconds: seconds)
    }

    /// Keeps what was presented in a full handshake that is complete, for those who resume its session.
    func completed(_ presented: [[UInt8]]) {
        remember(presented.dropFirst().compactMap(Certificate.init(bytes:)))
    }

    /// Judges, again, the certificate of a caller that resumes a TLS session of this context.
    func judgeResumed(_ leaf: [UInt8], atSeconds seconds: Int64) throws(CertificateFault) -> CallerCertificate {
        guard let leaf = Certificate(bytes: leaf) else { throw .unfit }
        return try judge(leaf, others: intermediates.withLockedValue { $0 }, atSeconds: seconds)
    }

    private func judge(
        _ leaf: Certificate,
        others: [Certificate],
        atSeconds seconds: Int64
    ) throws(CertificateFault) -> CallerCertificate {
        guard let authorities else { throw .unknownAuthority }
        let authority = try authorities.judge(leaf, others: others, atSeconds: seconds)
        return CallerCertificate(names: leaf.subjectNames, authority: authority)
    }

    private func remember(_ certificates: [Certificate]) {
        guard !certificates.isEmpty else { return }
        intermediates.withLockedValue { known in
            for certificate in certificates where !known.contains(where: { $0.bytes == certificate.bytes }) {
                known.append(certificate)
            }
            known.removeFirst(max(0, known.count - Self.intermediatesRememberedMax))
        }
    }
}

/// A caller's certificate that an authority vouches for. Immutable.
struct CallerCertificate: Sendable, Equatable {
    let names: SubjectNames
    /// The fingerprint of that authority.
    let authority: [UInt8]
}
