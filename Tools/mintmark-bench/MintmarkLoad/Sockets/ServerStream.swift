import CLibSSL
import Glibc

/// One end of a connection, in clear or with TLS. Used by one thread at a time; closed with the object.
///
/// Reading and writing answer as `recv` and `send` do, with `errno` for the reason. Unchecked, because it is made on one
/// thread and handed to another, which alone uses it from then on.
final class ServerStream: @unchecked Sendable {
    let descriptor: Int32
    private let session: OpaquePointer?
    /// What TLS failed of, in its library's words; nil: of nothing yet.
    private(set) var tlsFault: String?

    /// - Parameters:
    ///   - descriptor: A connected socket.
    ///   - session: The TLS session over it; nil in clear.
    init(owning descriptor: Int32, session: OpaquePointer? = nil) {
        self.descriptor = descriptor
        self.session = session
    }

    deinit {
        if let session {
            // Without waiting for the server's.
            SSL_shutdown(session)
            ERR_clear_error()
            SSL_free(session)
        }
        close(descriptor)
    }

    /// Version and cipher of TLS; nil in clear.
    var tlsSession: String? {
        guard let session, let cipher = SSL_get_current_cipher(session) else { return nil }
        return "\(String(cString: SSL_get_version(session))) \(String(cString: SSL_CIPHER_get_name(cipher)))"
    }

    /// SHA-256 of the DER bytes of the server's certificate; nil in clear.
    var serverCertificateSHA256: [UInt8]? {
        guard let session, let certificate = SSL_get1_peer_certificate(session) else { return nil }
        defer { X509_free(certificate) }
        var digest = [UInt8](repeating: 0, count: 32)
        return X509_digest(certificate, EVP_sha256(), &digest, nil) == 1 ? digest : nil
    }

    /// Reads and writes do not wait from here on.
    func stopBlocking() {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    /// Writes some of the bytes; returns how many, or -1.
    @inline(__always)
    func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let session else { return Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) }
        let count = SSL_write(session, bytes.baseAddress, Int32(clamping: bytes.count))
        return count > 0 ? Int(count) : failure(count, session)
    }

    /// Reads at most one record's bytes; returns how many, 0 at the end of the stream, or -1.
    @inline(__always)
    func receive(into room: UnsafeMutableRawBufferPointer) -> Int {
        guard let session else { return recv(descriptor, room.baseAddress, room.count, 0) }
        let count = SSL_read(session, room.baseAddress, Int32(clamping: room.count))
        return count > 0 ? Int(count) : failure(count, session)
    }

    /// Whether bytes were read from the socket already that nobody has taken: the poller will not tell of them.
    var hasPending: Bool {
        session.map { SSL_has_pending($0) == 1 } ?? false
    }

    /// Sends no more.
    func endOutput() {
        if let session { SSL_shutdown(session) }
        shutdown(descriptor, Int32(SHUT_WR))
    }

    private func failure(_ result: Int32, _ session: OpaquePointer) -> Int {
        let code = errno
        defer { ERR_clear_error() }
        switch SSL_get_error(session, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
            errno = code == EINTR ? EINTR : EAGAIN
            return -1
        case SSL_ERROR_ZERO_RETURN:
            return 0
        case SSL_ERROR_SYSCALL where code != 0:
            errno = code
            return -1
        default:
            guard ERR_GET_REASON(ERR_peek_last_error()) != SSL_R_UNEXPECTED_EOF_WHILE_READING else { return 0 }
            tlsFault = ERR_reason_error_string(ERR_peek_last_error()).map { String(cString: $0) }
            errno = EPROTO
            return -1
        }
    }
}
