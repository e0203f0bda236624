import Glibc
import MintmarkCrypto
import MintmarkWire

/// Where to connect, and as whom. Immutable.
final class LoadCaller: Sendable {
    let address: ServerAddress
    let identity: LoadIdentity

    init(_ address: ServerAddress, _ identity: LoadIdentity) {
        self.address = address
        self.identity = identity
    }
}

extension LoadCaller: Hashable {
    static func == (left: LoadCaller, right: LoadCaller) -> Bool {
        left.address == right.address && left.identity == right.identity
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(address)
        hasher.combine(identity)
    }
}

/// Who the tool is to a server that asks: a client id, and the key that belongs to it. Immutable.
struct LoadIdentity: Sendable {
    let clientID: String
    private let key: Ed25519SigningKey

    /// Reads an unencrypted key: PKCS #8 in PEM.
    init(clientID: String, keyFile path: String) throws(LoadFailure) {
        guard (1...Limits.clientIDLengthMax).contains(clientID.utf8.count) else {
            throw .usage("a client id has 1 to \(Limits.clientIDLengthMax) bytes")
        }
        let bytes: [UInt8]
        do throws(SystemFault) {
            bytes = try FileBytes.read(path)
        } catch {
            throw .usage("--client-key \(path): \(error)")
        }
        do throws(KeyFileError) {
            key = try KeyFile.readPrivateKey(bytes.span.bytes, passphrase: nil)
        } catch {
            throw .usage("--client-key \(path): \(error)")
        }
        self.clientID = clientID
    }

    /// AUTH on one connection.
    func request(_ binding: AuthTranscript.Binding, hello: [UInt8], helloAnswer: [UInt8]) -> AuthRequest {
        let transcript = AuthTranscript.bytes(
            binding: binding,
            hello: hello,
            helloAnswer: helloAnswer,
            clientID: clientID.utf8
        )
        var signature: [UInt8] = []
        key.sign(transcript.span.bytes, appendingTo: &signature)
        return AuthRequest(signature: signature, clientID: clientID)
    }
}

extension LoadIdentity: Hashable {
    static func == (left: LoadIdentity, right: LoadIdentity) -> Bool {
        left.clientID == right.clientID && left.key.publicKey == right.key.publicKey
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(clientID)
        hasher.combine(key.publicKey)
    }
}
