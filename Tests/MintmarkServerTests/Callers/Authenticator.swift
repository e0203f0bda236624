import MintmarkCrypto
import MintmarkEngine
import MintmarkWire

@testable import MintmarkServer

/// A client that signs AUTH as the specification says, or as a test wants it.
struct Authenticator {
    var clientID = "web"
    var key: Ed25519SigningKey
    var binding = AuthTranscript.Binding.loopback(address: "127.0.0.1:7420")

    func request(hello: [UInt8], helloAnswer: [UInt8]) -> AuthRequest {
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

extension CallerDirectory {
    /// A directory with the client `web`, who is known by these keys.
    static func web(_ keys: Ed25519SigningKey...) -> CallerDirectory {
        let caller = Caller.ordinary("web")
        let identities = keys.map { (Identity.publicKey(clientID: Array("web".utf8), $0.publicKey), caller) }
        return CallerDirectory(Dictionary(uniqueKeysWithValues: identities))
    }
}

extension Answer {
    /// The whole frame as it came.
    var frame: [UInt8] {
        MintmarkServerTests.frame(kind: header.kindByte, flags: header.flags, id: header.requestID, body: body)
    }
}
