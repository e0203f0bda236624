import MintmarkCrypto

/// The keys a server publishes, for a check of what it signs that the server has no part in.
struct VerificationKeys: Sendable {
    private let keys: [Ed25519PublicKey]

    var isEmpty: Bool { keys.isEmpty }

    /// Takes every `x` of a JWK Set that is an Ed25519 key.
    init(jwks: [UInt8]) {
        let text = String(decoding: jwks, as: UTF8.self)
        keys = text.split(separator: "\"x\":\"").dropFirst().compactMap { part in
            let characters = Array(part.prefix { $0 != "\"" }.utf8)
            var bytes: [UInt8] = []
            guard Base64URL.decode(characters.span.bytes, appendingTo: &bytes) else { return nil }
            return Ed25519PublicKey(bytes.span.bytes)
        }
    }

    /// Whether one of the keys signed the token.
    func verify(_ token: RawSpan) -> Bool {
        guard let parts = AccessTokenText.parts(of: token) else { return false }
        var signature: [UInt8] = []
        guard Base64URL.decode(token.extracting(parts.signature), appendingTo: &signature) else { return false }
        let message = token.extracting(0..<parts.payload.upperBound)
        return keys.contains { $0.verifies(signature: signature.span.bytes, message: message) }
    }
}
