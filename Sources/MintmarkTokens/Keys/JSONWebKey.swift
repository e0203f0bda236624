import MintmarkCrypto

/// Ed25519 public keys as JSON Web Keys (RFC 7517, RFC 8037 section 2).
enum JSONWebKey {
    /// The base64url text of the key's RFC 7638 thumbprint with SHA-256.
    static func thumbprint(of publicKey: Ed25519PublicKey) -> [UInt8] {
        // RFC 7638 section 3.2: the required members only, in lexicographic order, without white space.
        var text: [UInt8] = []
        text.append(#"{"crv":"Ed25519","kty":"OKP","x":""#)
        appendCoordinate(of: publicKey, to: &text)
        text.append(#""}"#)
        var digest: [UInt8] = []
        SHA256.hash(text.span.bytes, appendingTo: &digest)
        var thumbprint: [UInt8] = []
        Base64URL.encode(digest.span.bytes, appendingTo: &thumbprint)
        return thumbprint
    }

    /// A JWK Set of these keys.
    static func set(of keys: [KeyRing.Key]) -> [UInt8] {
        var text: [UInt8] = []
        text.append(#"{"keys":["#)
        for (index, key) in keys.enumerated() {
            if index > 0 { text.append(ASCII.comma) }
            append(key, to: &text)
        }
        text.append("]}")
        return text
    }

    private static func append(_ key: KeyRing.Key, to text: inout [UInt8]) {
        text.append(#"{"kty":"OKP","crv":"Ed25519","x":""#)
        appendCoordinate(of: key.publicKey, to: &text)
        text.append(#"","kid":""#)
        text.append(contentsOf: key.keyID)
        text.append(#"","use":"sig","alg":""#)
        text.append(key.algorithm.name)
        text.append(#""}"#)
    }

    private static func appendCoordinate(of publicKey: Ed25519PublicKey, to text: inout [UInt8]) {
        publicKey.withBytes { Base64URL.encode($0, appendingTo: &text) }
    }
}
