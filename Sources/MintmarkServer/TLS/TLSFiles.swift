import MintmarkCrypto
import MintmarkStorage
import NIOCore
import NIOSSL

/// Reads what the configuration names for TLS, and refuses what would not work.
enum TLSFiles {
    /// Why the files cannot be used; the text names the file and says what is wrong.
    struct Fault: Error, Equatable, CustomStringConvertible {
        let description: String

        init(_ path: String, _ reason: String) {
            description = "\(path): \(reason)"
        }

        init(_ fault: SecretFile.Fault) {
            description = "\(fault)"
        }
    }

    /// The protocol's name in ALPN.
    static let applicationProtocol = "mintmark/1"

    /// How long the end of a TLS connection waits for the peer's.
    private static let shutdownTimeout = TimeAmount.seconds(1)

    /// Blocks.
    ///
    /// - Parameter seconds: the time of day, since 1970: a certificate that is not valid now is none.
    static func load(_ tls: Configuration.TLS, atSeconds seconds: Int64) throws(Fault) -> TLSContext {
        let chain = try certificates(tls.certificate)
        guard let leaf = chain.first else { preconditionFailure("a chain has a certificate") }
        try checkPurpose(of: leaf, tls.certificate)
        let validThrough = try checkTime(of: leaf, tls.certificate, atSeconds: seconds)
        let authorities = try tls.clientCA.map { path throws(Fault) in CertificateAuthorities(try certificates(path)) }
        var settings = TLSConfiguration.makeServerConfiguration(
            certificateChain: try sources(chain, tls.certificate),
            privateKey: .privateKey(try privateKey(tls.privateKey))
        )
        settings.minimumTLSVersion = .tlsv13
        settings.applicationProtocols = [applicationProtocol]
        settings.shutdownTimeout = shutdownTimeout
        settings.verifySignatureAlgorithms = SignatureAlgorithm.ofCertificates
        // Callers are judged by `TLSContext`, which tells why one is refused; nobody else's roots count.
        settings.trustRoots = .certificates([])
        settings.certificateVerification =
            switch tls.clientCertificates {
            case .required: .noHostnameVerification
            case .optional: .optionalVerification
            case .none: .none
            }
        return TLSContext(
            sslContext: try context(settings, tls),
            serverCertificate: leaf,
            validThroughSeconds: validThrough,
            clientCertificates: tls.clientCertificates,
            authorities: authorities
        )
    }

    private static func certificates(_ path: String) throws(Fault) -> [Certificate] {
        let file: [UInt8]
        do throws(ConfigurationFileError) {
            file = try ConfigurationFile.read(path)
        } catch {
            throw Fault(path, error.reason)
        }
        guard file.count <= ConfigurationFile.lengthMax else {
            throw Fault(path, "is above \(ConfigurationFile.lengthMax) bytes")
        }
        guard let certificates = Certificate.readPEM(file) else {
            throw Fault(path, "holds no certificates, or one that is broken; PEM is expected")
        }
        return certificates
    }

    /// A certificate with which no client can prove whom it speaks to, as `Protocol/mintmark-v1.md` section 2 says.
    private static func checkPurpose(of certificate: Certificate, _ path: String) throws(Fault) {
        guard certificate.isForServers else {
            throw Fault(
                path,
                "the certificate is not made for servers: its purposes, or the uses of its key, say otherwise"
            )
        }
        guard certificate.hasAlternativeNames else {
            throw Fault(path, "the certificate names no server: it has no subject alternative name")
        }
    }

    /// The last second of its validity.
    private static func checkTime(
        of certificate: Certificate,
        _ path: String,
        atSeconds seconds: Int64
    ) throws(Fault) -> Int64 {
        guard let first = certificate.validFrom, let last = certificate.validThrough else {
            throw Fault(path, "the certificate does not say when it is valid")
        }
        guard first <= seconds else { throw Fault(path, "the certificate is not valid yet") }
        guard seconds <= last else { throw Fault(path, "the certificate has expired") }
        return last
    }

    private static func sources(_ chain: [Certificate], _ path: String) throws(Fault) -> [NIOSSLCertificateSource] {
        do {
            return try chain.map { .certificate(try NIOSSLCertificate(bytes: $0.bytes, format: .der)) }
        } catch {
            throw Fault(path, "holds a certificate that cannot be used")
        }
    }

    private static func privateKey(_ path: String) throws(Fault) -> NIOSSLPrivateKey {
        let file: SecretBytes
        do throws(SecretFile.Fault) {
            file = try SecretFile.read(path)
        } catch {
            throw Fault(error)
        }
        // NIOSSL takes an array, and keeps the key where guarded memory ends.
        var bytes = file.withBytes { $0.withUnsafeBytes { Array($0) } }
        defer { bytes.wipe() }
        do {
            return try NIOSSLPrivateKey(bytes: bytes, format: .pem)
        } catch {
            throw Fault(path, "is no private key in PEM that can be used; one with a passphrase cannot")
        }
    }

    private static func context(
        _ settings: TLSConfiguration,
        _ tls: Configuration.TLS
    ) throws(Fault) -> NIOSSLContext {
        do {
            return try NIOSSLContext(configuration: settings)
        } catch {
            throw Fault(tls.certificate, "the certificate does not belong to the key in \(tls.privateKey)")
        }
    }
}
