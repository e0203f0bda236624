import Glibc
import MintmarkCrypto
import MintmarkWire
import NIOCore
import NIOSSL

/// Who a program is to a server that asks: a client id, and the Ed25519 key that belongs to it.
///
/// The server's configuration holds the public half, as ``publicKey`` writes it. The private half stays in guarded
/// memory.
public struct ClientIdentity: Sendable {
    /// The client's id in the server's configuration: 1 to 64 bytes.
    public let clientID: String

    private let key: Ed25519SigningKey

    /// Why an identity cannot be used.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// One line for people. Never a key.
        public let description: String
    }

    /// Reads the private key from a file: PKCS #8 in PEM, as `mintmark client-key new` and
    /// `openssl genpkey -algorithm ed25519` write it.
    ///
    /// Refuses a file that others can read. Blocks.
    public init(clientID: String, keyFile path: String) throws(Failure) {
        guard (1...Limits.clientIDLengthMax).contains(clientID.utf8.count) else {
            throw Failure(description: "a client id has 1 to \(Limits.clientIDLengthMax) bytes")
        }
        self.clientID = clientID
        let bytes = try ClientKeyFile.read(path)
        do throws(KeyFileError) {
            key = try bytes.withBytes { (span) throws(KeyFileError) in
                try KeyFile.readPrivateKey(span, passphrase: nil)
            }
        } catch {
            throw Failure(description: "\(path): \(error)")
        }
    }

    /// The public half, as the server's configuration wants it: base64url of its 32 bytes.
    public var publicKey: String { key.publicKey.configurationText }

    func request(signing transcript: [UInt8]) -> AuthRequest {
        var signature: [UInt8] = []
        key.sign(transcript.span.bytes, appendingTo: &signature)
        return AuthRequest(signature: signature, clientID: clientID)
    }
}

extension ClientIdentity: Hashable {
    /// Whether both say and prove the same.
    public static func == (left: ClientIdentity, right: ClientIdentity) -> Bool {
        left.clientID == right.clientID && left.key.publicKey == right.key.publicKey
    }

    /// Hashes what they say and prove.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(clientID)
        hasher.combine(key.publicKey)
    }
}

extension Ed25519PublicKey {
    /// As the configuration of a server holds it.
    fileprivate var configurationText: String {
        var text: [UInt8] = []
        withBytes { Base64URL.encode($0, appendingTo: &text) }
        return String(decoding: text, as: UTF8.self)
    }
}

extension ClientIdentity {
    /// Makes a new key and writes it to a file that does not exist yet, for this process's user alone (mode 0600).
    ///
    /// - Returns: The public half, as the server's configuration wants it.
    public static func makeKeyFile(_ path: String) throws(Failure) -> String {
        let key = Ed25519SigningKey(random: SystemRandom())
        try ClientKeyFile.write(KeyFile.write(key), to: path)
        return key.publicKey.configurationText
    }
}

/// Files of private keys.
private enum ClientKeyFile {
    static func read(_ path: String) throws(ClientIdentity.Failure) -> SecretBytes {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ClientIdentity.Failure(description: "\(path) is no regular file")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw ClientIdentity.Failure(description: "\(path) belongs to another user")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw ClientIdentity.Failure(description: "\(path) can be read by others; chmod 600 it")
        }
        guard status.st_size <= KeyFile.byteCountMax else {
            throw ClientIdentity.Failure(description: "\(path) is longer than a key file")
        }
        var filled = 0
        let bytes = SecretBytes(count: max(1, Int(status.st_size))) { target in
            while filled < target.count {
                let count = Glibc.read(descriptor, target.baseAddress.map { $0 + filled }, target.count - filled)
                guard count > 0 else { return }
                filled += count
            }
        }
        guard filled == Int(status.st_size), filled > 0 else {
            throw ClientIdentity.Failure(description: "\(path) could not be read as a whole")
        }
        return bytes
    }

    static func write(_ bytes: SecretBytes, to path: String) throws(ClientIdentity.Failure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            guard errno == EEXIST else { throw failure(path, errno) }
            let fault = "\(path) exists already and is not overwritten; name another file"
            throw ClientIdentity.Failure(description: fault)
        }
        let isWritten = bytes.withBytes { span in
            span.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) == $0.count }
        }
        let isSynced = fsync(descriptor) == 0
        let code = errno
        close(descriptor)
        guard isWritten, isSynced else {
            unlink(path)
            throw failure(path, code)
        }
    }

    private static func failure(_ path: String, _ code: Int32) -> ClientIdentity.Failure {
        ClientIdentity.Failure(description: "\(path): \(String(cString: strerror(code)))")
    }
}

extension Channel {
    /// What AUTH is bound to on this connection; nil where AUTH does not exist: in clear beyond loopback.
    var authBinding: AuthTranscript.Binding? {
        if let certificate = try? pipeline.syncOperations.nioSSL_peerCertificate() {
            guard let bytes = try? certificate.toDERBytes() else { return nil }
            var digest: [UInt8] = []
            SHA256.hash(bytes.span.bytes, appendingTo: &digest)
            return .tls(certificateSHA256: digest)
        }
        guard let address = remoteAddress, address.isLoopback, let host = address.ipAddress, let port = address.port
        else { return nil }
        return .loopback(address: AuthTranscript.addressText(host: host, port: port))
    }
}
