import MintmarkCrypto
import NIOCore
import NIOSSL

/// What a TLS handshake has told about the two ends of a connection. Immutable.
struct TLSPeer: Sendable, Equatable {
    /// SHA-256 of the DER bytes of the server's own certificate.
    let serverCertificateSHA256: [UInt8]
    /// Nil for a caller without a certificate.
    let caller: CallerCertificate?
}

/// One TLS handshake, from the first byte to what it has told. Confined to its event loop.
final class TLSHandshake {
    private let context: TLSContext
    private let wallSeconds: @Sendable () -> UInt64
    /// What the certificates that were presented amount to; nil while none were, and when a session is resumed.
    private var verdict: Result<CallerCertificate, CertificateFault>?
    /// What was presented and found good, until the handshake is complete: the certificate's own key signs the end of it.
    private var presented: [[UInt8]] = []
    /// Not weak: what was once referred to weakly is counted more slowly from then on, and this one outlives the handshake.
    private(set) var handler: NIOSSLServerHandler?

    init(context: TLSContext, wallSeconds: @escaping @Sendable () -> UInt64) {
        self.context = context
        self.wallSeconds = wallSeconds
    }

    /// Why the caller's certificate was refused, if it was.
    var fault: CertificateFault? {
        if case .failure(let fault) = verdict { fault } else { nil }
    }

    /// The handler that shakes hands.
    func makeHandler() -> NIOSSLServerHandler {
        let handler = NIOSSLServerHandler(
            context: context.sslContext,
            customVerificationCallback: { [weak self] certificates, promise in
                promise.succeed(self?.judge(certificates) == true ? .certificateVerified : .failed)
            }
        )
        self.handler = handler
        return handler
    }

    private func judge(_ certificates: [NIOSSLCertificate]) -> Bool {
        let presented = certificates.map { (try? $0.toDERBytes()) ?? [] }
        do throws(CertificateFault) {
            verdict = .success(try context.judge(presented, atSeconds: Int64(clamping: wallSeconds())))
            self.presented = presented
            return true
        } catch {
            verdict = .failure(error)
            return false
        }
    }

    /// What the handshake has told, once it is complete.
    ///
    /// Who resumes a TLS session shows no certificate, and TLS asks nobody about the one of that session. So it is
    /// judged here again: it may have expired since.
    func peer() throws(CertificateFault) -> TLSPeer {
        let caller = try caller()
        context.completed(presented)
        presented = []
        return TLSPeer(serverCertificateSHA256: context.serverCertificateSHA256, caller: caller)
    }

    private func caller() throws(CertificateFault) -> CallerCertificate? {
        if let verdict { return try verdict.get() }
        guard context.clientCertificates != .none, let certificate = handler?.peerCertificate else {
            guard context.clientCertificates != .required else { throw .unfit }
            return nil
        }
        let leaf = (try? certificate.toDERBytes()) ?? []
        return try context.judgeResumed(leaf, atSeconds: Int64(clamping: wallSeconds()))
    }
}
