import CLibSSL
import Glibc

/// How the tool speaks TLS: whom it believes, and what it proves itself with. Read from files once.
///
/// Unchecked, because a pointer is not Sendable by itself: OpenSSL's context, which any thread may make connections with,
/// is not changed after `init`.
final class TLSClient: @unchecked Sendable {
    /// The files, all PEM.
    struct Files: Hashable, Sendable {
        /// The authorities that vouch for the server.
        var authorities: String
        /// The tool's own certificate; nil: none.
        var certificate: String?
        /// The certificate's private key.
        var privateKey: String?
        /// The DNS name that the server's certificate must have; nil: the host that is connected.
        var serverName: String?
    }

    /// How much one read takes from the socket at most: several records.
    private static let readBytesMax = 65_536

    /// What failed, where no certificate was judged, and where the server's was not believed.
    static let handshakeName = "TLS handshake"
    static let verificationName = "TLS verification"

    static let applicationProtocol = Array("mintmark/1".utf8)
    /// In the order of Mintmark's own client on processors that have AES; the server takes the first. OpenSSL by itself
    /// would begin with AES-256.
    private static let cipherSuites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"

    private let context: OpaquePointer
    private let serverName: String?

    init(_ files: Files) throws(SystemFault) {
        // OpenSSL writes to sockets without a word about signals.
        signal(SIGPIPE, SIG_IGN)
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw Self.fault("SSL_CTX_new") }
        self.context = context
        serverName = files.serverName
        SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_3_VERSION), nil)
        guard SSL_CTX_set_ciphersuites(context, Self.cipherSuites) == 1 else {
            throw Self.fault("SSL_CTX_set_ciphersuites")
        }
        let modes = Int(SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER)
        SSL_CTX_ctrl(context, SSL_CTRL_MODE, modes, nil)
        // Otherwise each record is read with two system calls.
        SSL_CTX_ctrl(context, SSL_CTRL_SET_READ_AHEAD, 1, nil)
        SSL_CTX_set_default_read_buffer_len(context, Self.readBytesMax)
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        let name = [UInt8(Self.applicationProtocol.count)] + Self.applicationProtocol
        SSL_CTX_set_alpn_protos(context, name, UInt32(name.count))
        guard SSL_CTX_load_verify_locations(context, files.authorities, nil) == 1 else {
            throw Self.fault(reading: files.authorities)
        }
        try present(files)
    }

    deinit {
        SSL_CTX_free(context)
    }

    private func present(_ files: Files) throws(SystemFault) {
        guard let certificate = files.certificate, let privateKey = files.privateKey else { return }
        guard SSL_CTX_use_certificate_chain_file(context, certificate) == 1 else {
            throw Self.fault(reading: certificate)
        }
        guard SSL_CTX_use_PrivateKey_file(context, privateKey, SSL_FILETYPE_PEM) == 1 else {
            throw Self.fault(reading: privateKey)
        }
    }

    /// Shakes hands over a connected socket that blocks; returns the session, which is the caller's to free.
    func shakeHands(over descriptor: Int32, host: String) throws(SystemFault) -> OpaquePointer {
        guard let session = SSL_new(context) else { throw Self.fault("SSL_new") }
        do throws(SystemFault) {
            expect(serverName ?? host, of: session)
            guard SSL_set_fd(session, descriptor) == 1, SSL_connect(session) == 1 else {
                throw Self.fault(Self.handshakeName, session)
            }
            var name: UnsafePointer<UInt8>?
            var count: UInt32 = 0
            SSL_get0_alpn_selected(session, &name, &count)
            guard UnsafeBufferPointer(start: name, count: Int(count)).elementsEqual(Self.applicationProtocol) else {
                throw SystemFault(Self.handshakeName, reason: "the server does not speak mintmark/1")
            }
            return session
        } catch {
            SSL_free(session)
            throw error
        }
    }

    private func expect(_ name: String, of session: OpaquePointer) {
        guard X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name) != 1 else { return }
        ERR_clear_error()
        SSL_set1_host(session, name)
        name.withCString { text in
            _ = SSL_ctrl(
                session,
                SSL_CTRL_SET_TLSEXT_HOSTNAME,
                Int(TLSEXT_NAMETYPE_host_name),
                UnsafeMutableRawPointer(mutating: text)
            )
        }
    }

    /// Why a file cannot be used: of the library's errors the first, which tells most.
    private static func fault(reading path: String) -> SystemFault {
        let code = ERR_peek_error()
        ERR_clear_error()
        let call = "cannot use \(path)"
        guard ERR_GET_LIB(code) != ERR_LIB_SYS else { return SystemFault(call, code: ERR_GET_REASON(code)) }
        let words = ERR_reason_error_string(code).map { String(cString: $0) }
        return SystemFault(call, reason: words ?? "OpenSSL refuses it")
    }

    /// The library's words for what failed.
    private static func fault(_ call: String, _ session: OpaquePointer? = nil) -> SystemFault {
        if let session, case let result = SSL_get_verify_result(session), result != X509_V_OK {
            return SystemFault(verificationName, reason: String(cString: X509_verify_cert_error_string(result)))
        }
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0, let words = ERR_reason_error_string(code) else { return SystemFault(call) }
        return SystemFault(call, reason: String(cString: words))
    }
}

extension TLSClient: Hashable {
    static func == (left: TLSClient, right: TLSClient) -> Bool { left === right }

    func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(self))
    }
}
