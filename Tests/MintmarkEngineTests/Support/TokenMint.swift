import MintmarkCrypto
import MintmarkEngine
import MintmarkTestSupport
import MintmarkTokens

/// Makes tokens that no server would sign, with keys that the engine of a fixture trusts, or did, or never has.
struct TokenMint {
    enum Flaw: CaseIterable {
        case none
        case otherAudience
        case expired
        case notYetValid
        case issuedLater
        case otherIssuer
        case foreign
        case foreignForOthers
        case keyThatGoes
        case unknownKey
        case algorithm
        case header
        case type
        case claims
        case signature
        case parts
        case length
    }

    static let issuer = "https://issuer.example"
    static let friend = "https://friend.example"
    /// The only one for which tokens of the friend are good.
    static let friendAudience = "orders"
    static let audiences = ["api", "orders", "other"]

    private let own: KeyRing
    private let goes = Ed25519SigningKey(random: SystemRandom())
    private let friend = Ed25519SigningKey(random: SystemRandom())
    private let stranger = Ed25519SigningKey(random: SystemRandom())

    /// - Parameter ring: of the fixture, with one key.
    init(_ ring: KeyRing) {
        own = ring
    }

    /// A service in the place of the fixture's own.
    ///
    /// - Parameter isKeyRevoked: whether the second key has gone.
    func service(after service: TokenService, isKeyRevoked: Bool) throws -> TokenService {
        let second = KeyRing.Key(goes.publicKey, state: isKeyRevoked ? .revoked : .retired)
        return TokenService(
            keys: try KeyRing(own.keys + [second], signingKey: own.signingKey),
            profile: service.signer.profile,
            issuers: [
                TrustedIssuer(
                    issuer: Array(Self.friend.utf8),
                    audiences: [Array(Self.friendAudience.utf8)],
                    keys: [TrustedIssuer.Key(keyID: Self.keyID(friend), publicKey: friend.publicKey)]
                )
            ],
            cache: service.cache,
            leewaySeconds: service.leewaySeconds,
            after: service
        )
    }

    /// A token that is good at `now` for 60 seconds, but for the flaw.
    func token(_ flaw: Flaw, subject: String, now: UInt64, _ generator: inout SeededGenerator) -> [UInt8] {
        let key =
            switch flaw {
            case .keyThatGoes: goes
            case .foreign, .foreignForOthers: friend
            case .unknownKey: stranger
            default: own.signingKey
            }
        let text = "\(Self.base64URL(header(flaw, key))).\(Self.base64URL(claims(flaw, subject, now)))"
        var signature: [UInt8] = []
        key.sign(Array(text.utf8).span.bytes, appendingTo: &signature)
        if flaw == .signature { signature[Int.random(in: 0..<signature.count, using: &generator)] ^= 1 }
        let token = "\(text).\(Self.base64URL(signature))"
        return switch flaw {
        case .parts: Array(text.utf8)
        case .length: Array(token.utf8) + [UInt8](repeating: UInt8(ascii: "A"), count: TokenLimits.accessTokenLengthMax)
        default: Array(token.utf8)
        }
    }

    private func header(_ flaw: Flaw, _ key: Ed25519SigningKey) -> [UInt8] {
        let algorithm = flaw == .algorithm ? "none" : "EdDSA"
        let type = flaw == .type ? "JWT" : "at+jwt"
        let more = flaw == .header ? #","crit":["b64"]"# : ""
        let keyID = String(decoding: Self.keyID(key), as: UTF8.self)
        return Array(#"{"alg":"\#(algorithm)","typ":"\#(type)","kid":"\#(keyID)"\#(more)}"#.utf8)
    }

    private func claims(_ flaw: Flaw, _ subject: String, _ now: UInt64) -> [UInt8] {
        let issuer =
            switch flaw {
            case .foreign, .foreignForOthers: Self.friend
            case .otherIssuer: "https://other.example"
            default: Self.issuer
            }
        let audience =
            switch flaw {
            case .foreign: #"["x","\#(Self.friendAudience)"]"#
            case .otherAudience: #""x""#
            default: #""api""#
            }
        let issuedAt = flaw == .issuedLater ? now + 3_600 : now
        let notBefore = flaw == .notYetValid ? now + 3_600 : now
        let end = flaw == .expired ? now - 3_600 : now + 60
        let expiresAt = flaw == .claims ? #""soon""# : "\(end)"
        let text = #"""
            {"iss":"\#(issuer)","sub":"\#(subject)","aud":\#(audience),"client_id":"local","iat":\#(issuedAt),\#
            "nbf":\#(notBefore),"exp":\#(expiresAt),"jti":"AAAAAAAAAAAAAAAAAAAAAA"}
            """#
        return Array(text.utf8)
    }

    private static func keyID(_ key: Ed25519SigningKey) -> [UInt8] { KeyRing.Key(key.publicKey, state: .active).keyID }

    private static func base64URL(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        Base64URL.encode(bytes.span.bytes, appendingTo: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
