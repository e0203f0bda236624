import CLibSSL
import Foundation
import MintmarkWire
import NIOCore

/// A TLS client of another make than the server's TLS, which says in what pieces its bytes leave. Used by one thread at a
/// time.
final class OpenSSLClient {
    struct Options {
        var authority: String
        /// The name of a certificate of `certificates` to show; nil: none.
        var identity: (certificate: String, key: String)?
        var applicationProtocols: [String] = ["mintmark/1"]
        var versionMax = TLS1_3_VERSION
        /// Sent along with the certificate, so many times.
        var extraCertificates = 0
        /// A session to resume.
        var session: OpaquePointer?
    }

    enum Fault: Error, Equatable {
        /// What the library says, such as `tlsv13 alert certificate required`.
        case tls(String)
        case endOfStream
        case timeout
        case system(String, code: Int32)
    }

    private(set) var descriptor: Int32
    private let context: OpaquePointer
    private let session: OpaquePointer
    private let fromSocket: OpaquePointer
    private let toSocket: OpaquePointer
    private var received: [UInt8] = []
    private var isSocketEnded = false
    private var keptBack: [UInt8] = []
    /// How many bytes leave with one system call at most.
    var segmentBytesMax = Int.max

    init(port: Int, _ options: Options) throws {
        descriptor = try Self.connect(port: port)
        guard let context = SSL_CTX_new(TLS_client_method()), let session = SSL_new(try Self.set(context, options)),
            let fromSocket = BIO_new(BIO_s_mem()), let toSocket = BIO_new(BIO_s_mem())
        else { throw Fault.tls("no memory") }
        (self.context, self.session, self.fromSocket, self.toSocket) = (context, session, fromSocket, toSocket)
        SSL_set_bio(session, fromSocket, toSocket)
        SSL_set1_host(session, "localhost")
        if let resumed = options.session { SSL_set_session(session, resumed) }
        SSL_set_connect_state(session)
    }

    deinit {
        SSL_free(session)
        SSL_CTX_free(context)
        if descriptor >= 0 { close(descriptor) }
    }

    private static func connect(port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
        let result = address.withSockAddr { Glibc.connect(descriptor, $0, socklen_t($1)) }
        guard result == 0 else { throw Fault.system("connect", code: errno) }
        var isOn: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }

    private static func set(_ context: OpaquePointer, _ options: Options) throws -> OpaquePointer {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(options.versionMax), nil)
        try check(SSL_CTX_load_verify_locations(context, options.authority, nil))
        let names = options.applicationProtocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        if !names.isEmpty { SSL_CTX_set_alpn_protos(context, names, UInt32(names.count)) }
        if let identity = options.identity {
            try check(SSL_CTX_use_certificate_chain_file(context, identity.certificate))
            try check(SSL_CTX_use_PrivateKey_file(context, identity.key, SSL_FILETYPE_PEM))
        }
        for _ in 0..<options.extraCertificates {
            let file = BIO_new_file(options.authority, "r")
            defer { BIO_free(file) }
            guard let certificate = PEM_read_bio_X509(file, nil, nil, nil) else { throw Fault.tls("no certificate") }
            SSL_CTX_ctrl(context, SSL_CTRL_EXTRA_CHAIN_CERT, 0, UnsafeMutableRawPointer(certificate))
        }
        return context
    }

    private static func check(_ result: Int32) throws {
        guard result == 1 else { throw Fault.tls(lastError) }
    }

    private static var lastError: String {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        return ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)"
    }

    // MARK: What the library wants from the socket

    /// Repeats a call of the library until it is done; moves bytes between it and the socket meanwhile.
    private func pump(_ call: () -> Int32) throws -> Int32 {
        while true {
            let result = call()
            let error = result > 0 ? SSL_ERROR_NONE : SSL_get_error(session, result)
            try drainOutput()
            switch error {
            case SSL_ERROR_NONE: return result
            case SSL_ERROR_ZERO_RETURN: return 0
            case SSL_ERROR_WANT_READ:
                guard try fillInput() else { throw Fault.endOfStream }
            default: throw Fault.tls(Self.lastError)
            }
        }
    }

    /// Sends what the library has written, in pieces.
    private func drainOutput() throws {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = Int(BIO_read(toSocket, &bytes, Int32(bytes.count))), count > 0 {
            var sent = 0
            while sent < count {
                let piece = min(segmentBytesMax, count - sent)
                let result = bytes.withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), piece, Int32(MSG_NOSIGNAL))
                }
                guard result > 0 else { throw Fault.system("send", code: errno) }
                sent += result
            }
        }
    }

    /// Sends a byte beside the stream.
    func sendUrgent() throws {
        guard Glibc.send(descriptor, [1 as UInt8], 1, Int32(MSG_NOSIGNAL | MSG_OOB)) == 1 else {
            throw Fault.system("send", code: errno)
        }
    }

    /// Waits for bytes from the socket; false at the end of the stream.
    private func fillInput() throws -> Bool {
        guard !isSocketEnded else { return false }
        var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&event, 1, Int32(RawClient.patienceSeconds * 1000)) > 0 else { throw Fault.timeout }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count >= 0 else { throw Fault.system("recv", code: errno) }
        isSocketEnded = count == 0
        if count > 0 { BIO_write(fromSocket, bytes, Int32(count)) }
        return count > 0
    }

    // MARK: What tests do

    func shakeHands() throws {
        _ = try pump { SSL_do_handshake(session) }
    }

    /// Shakes hands, and sends the end of that and what comes first behind it in one piece.
    func shakeHands(sending bytes: [UInt8]) throws {
        while SSL_do_handshake(session) != 1 {
            try drainOutput()
            guard try fillInput() else { throw Fault.endOfStream }
        }
        try send(bytes)
    }

    /// Sends no more than the first message of a handshake, or a part of it.
    func beginHandshake(bytesMax: Int = .max) throws {
        _ = SSL_do_handshake(session)
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = Int(BIO_read(toSocket, &bytes, Int32(bytes.count)))
        _ = Glibc.send(descriptor, bytes, min(bytesMax, count), Int32(MSG_NOSIGNAL))
    }

    /// - Parameter recordBytesMax: how much of it one record holds at most.
    func send(_ bytes: [UInt8], recordBytesMax: Int = .max) throws {
        var sent = 0
        while sent < bytes.count {
            let piece = Array(bytes[sent..<min(bytes.count, sent + min(recordBytesMax, 16_384))])
            sent += Int(try pump { SSL_write(session, piece, Int32(piece.count)) })
        }
    }

    /// Sends the first bytes of a record alone.
    func sendPart(of bytes: [UInt8], byteCount: Int) throws {
        SSL_write(session, bytes, Int32(bytes.count))
        var record = [UInt8](repeating: 0, count: 1 << 15)
        let count = Int(BIO_read(toSocket, &record, Int32(record.count)))
        guard count >= byteCount else { throw Fault.tls("no record") }
        try send(raw: Array(record[..<byteCount]))
        keptBack = Array(record[byteCount..<count])
    }

    /// Sends what of the record ``sendPart(of:byteCount:)`` has kept back.
    func sendRest() throws {
        try send(raw: keptBack)
        keptBack = []
    }

    /// Sends bytes as they are, whatever TLS makes of them.
    func send(raw bytes: [UInt8]) throws {
        let sent = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        guard sent == bytes.count else { throw Fault.system("send", code: errno) }
    }

    /// Sends no more: says so in TLS, and ends the stream or not.
    func endOutput(says: Bool = true, endsStream: Bool = true) throws {
        if says {
            SSL_shutdown(session)
            try drainOutput()
        }
        if endsStream { shutdown(descriptor, Int32(SHUT_WR)) }
    }

    /// Closes with a reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        Glibc.close(descriptor)
        descriptor = -1
    }

    /// The next whole frame; nil at the end of the TLS stream.
    func readUnlessEnded() throws -> Answer? {
        let scanner = FrameScanner(lengthMax: Limits.frameLengthMaxCeiling)
        while true {
            if case .frame(let header, let body) = scanner.scan(received.span.bytes, at: 0) {
                defer { received.removeSubrange(..<body.upperBound) }
                return Answer(header: header, body: Array(received[body]))
            }
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            let count = try pump { SSL_read(session, &bytes, Int32(bytes.count)) }
            guard count > 0 else { return nil }
            received += bytes[..<Int(count)]
        }
    }

    func read() throws -> Answer {
        guard let answer = try readUnlessEnded() else { throw Fault.endOfStream }
        return answer
    }

    /// Everything up to the end of the TLS stream.
    func readAll() throws -> [Answer] {
        var answers: [Answer] = []
        while let answer = try readUnlessEnded() { answers.append(answer) }
        return answers
    }

    func greet() throws {
        try send(frame(HelloRequest.test, id: 1))
        _ = try read().decoded(as: HelloResponse.self)
    }

    /// The session to resume, which the caller frees; there is one when something was read behind the handshake.
    func takeSession() -> OpaquePointer? { SSL_get1_session(session) }
    var isResumed: Bool { SSL_session_reused(session) == 1 }

    /// SHA-256 of the certificate that the server has shown, as this library counts it.
    var shownCertificateSHA256: [UInt8] {
        get throws {
            guard let certificate = SSL_get1_peer_certificate(session) else { throw Fault.tls("no certificate") }
            defer { X509_free(certificate) }
            var digest = [UInt8](repeating: 0, count: 32)
            try Self.check(X509_digest(certificate, EVP_sha256(), &digest, nil))
            return digest
        }
    }
}

extension TestCertificates {
    /// A client that trusts this authority and shows a certificate, or none.
    func client(_ identity: String? = "gateway") -> OpenSSLClient.Options {
        OpenSSLClient.Options(
            authority: authority,
            identity: identity.map { (certificate($0), key($0)) }
        )
    }
}

extension TestServer {
    /// A TLS connection that is established, and has shaken hands or not yet.
    func connectTLS(_ options: OpenSSLClient.Options, greets: Bool = true) throws -> OpenSSLClient {
        let client = try OpenSSLClient(port: tlsPort, options)
        try client.shakeHands()
        if greets { try client.greet() }
        return client
    }
}
