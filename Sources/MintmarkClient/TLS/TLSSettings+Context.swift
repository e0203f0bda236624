import MintmarkCrypto
import NIOCore
import NIOSSL

extension TLSSettings {
    /// The protocol's name in ALPN.
    static let applicationProtocol = "mintmark/1"

    /// What signatures of servers are taken, in handshakes and in certificates (RFC 8446 section 4.2.3; RSA's with PKCS1 in
    /// certificates only): what the library takes by itself but for SHA-1, and Ed25519.
    private static let signatureAlgorithms: [SignatureAlgorithm] = [
        .ecdsaSecp256R1Sha256, .rsaPssRsaeSha256, .rsaPkcs1Sha256,
        .ecdsaSecp384R1Sha384, .rsaPssRsaeSha384, .rsaPkcs1Sha384,
        .rsaPssRsaeSha512, .rsaPkcs1Sha512,
        .ed25519,
    ]

    /// How long the end of a TLS connection waits for the server's.
    private static let shutdownTimeout = TimeAmount.seconds(1)

    /// Reads the files. Blocks. Throws a `MintmarkError` that names the file at fault.
    func makeContext() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv13
        configuration.applicationProtocols = [Self.applicationProtocol]
        configuration.shutdownTimeout = Self.shutdownTimeout
        configuration.verifySignatureAlgorithms = Self.signatureAlgorithms
        configuration.certificateVerification = .fullVerification
        switch trustRoots {
        case .system: configuration.trustRoots = .default
        case .file(let path): configuration.trustRoots = .certificates(try Self.certificates(path))
        }
        var reason = "TLS cannot be set up with these settings"
        if let identity {
            let chain = try Self.certificates(identity.certificatePath)
            configuration.certificateChain = chain.map { .certificate($0) }
            configuration.privateKey = .privateKey(try Self.privateKey(identity.privateKeyPath))
            reason =
                "the certificate in \(identity.certificatePath) does not belong to the key in "
                + identity.privateKeyPath
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw MintmarkError(.tlsSettingsUnusable, reason)
        }
    }

    private static func certificates(_ path: String) throws -> [NIOSSLCertificate] {
        let certificates = try? NIOSSLCertificate.fromPEMFile(path)
        guard let certificates, !certificates.isEmpty else {
            throw MintmarkError(.tlsSettingsUnusable, "\(path) cannot be read, or holds no certificates in PEM")
        }
        return certificates
    }

    private static func privateKey(_ path: String) throws -> NIOSSLPrivateKey {
        do {
            return try NIOSSLPrivateKey(file: path, format: .pem)
        } catch {
            throw MintmarkError(.tlsSettingsUnusable, "\(path) cannot be read, or is no private key in PEM")
        }
    }
}

extension Endpoint {
    /// The handler that shakes hands with this endpoint and checks that the server is the one that was meant.
    func makeTLSHandler(_ context: NIOSSLContext) throws -> NIOSSLClientHandler {
        guard case .tls(let host, let port, let settings) = self else {
            preconditionFailure("\(self) is spoken to in clear")
        }
        return try NIOSSLClientHandler(context: context, serverHostname: dnsName(host, port, settings))
    }

    /// Whether a certificate is that of the server that was meant; NIOSSL has found that it is to be trusted.
    ///
    /// NIOSSL is content with the address that is connected where a name was asked for.
    func isMeant(by certificate: NIOSSLCertificate?) -> Bool {
        guard case .tls(let host, let port, let settings) = self, let name = dnsName(host, port, settings) else {
            return true
        }
        guard let bytes = try? certificate?.toDERBytes(), let certificate = Certificate(bytes: bytes) else {
            return false
        }
        return certificate.isFor(dnsName: name)
    }

    /// The name to be proved; nil for an address, which is compared with the one that is connected.
    private func dnsName(_ host: String, _ port: Int, _ settings: TLSSettings) -> String? {
        let isAddress = (try? SocketAddress(ipAddress: host, port: port)) != nil
        return settings.serverName ?? (isAddress ? nil : host)
    }
}
