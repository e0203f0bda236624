import MintmarkCrypto

@testable import MintmarkTokens

/// A server's keys and settings for tests, and tokens signed by them that no honest signer would make.
struct TestIssuer {
    static let name = "https://issuer.example"
    static let now: UInt64 = 1_767_225_600
    static let leewaySeconds: UInt32 = 30

    let active = key(1)
    let prepared = key(2)
    let retired = key(3)
    let revoked = key(4)
    let keys: KeyRing
    let signer: TokenSigner
    let verifier: TokenVerifier

    init(issuer: String = Self.name, type: String = "at+jwt", algorithm: KeyRing.Algorithm = .edDSA) throws {
        keys = try KeyRing(
            [
                KeyRing.Key(revoked.publicKey, state: .revoked),
                KeyRing.Key(active.publicKey, state: .active, algorithm: algorithm),
                KeyRing.Key(prepared.publicKey, state: .prepared),
                KeyRing.Key(retired.publicKey, state: .retired),
            ],
            signingKey: active
        )
        let profile = TokenProfile(issuer: Array(issuer.utf8), type: Array(type.utf8))
        signer = TokenSigner(keys: keys, profile: profile)
        verifier = TokenVerifier(keys: keys, profile: profile)
    }

    /// The key whose seed is 32 times `number`.
    static func key(_ number: UInt8) -> Ed25519SigningKey {
        key(seed: [UInt8](repeating: number, count: Ed25519SigningKey.seedByteCount))
    }

    static func key(seed: [UInt8]) -> Ed25519SigningKey {
        Ed25519SigningKey(random: FixedRandom(bytes: seed))
    }

    static func keyID(of key: Ed25519SigningKey) -> String {
        String(decoding: KeyRing.Key(key.publicKey, state: .active).keyID, as: UTF8.self)
    }

    /// The header an honest signer writes, with `changes` put in place of members or added; nil takes a member out.
    func header(_ changes: [String: String?] = [:], key: Ed25519SigningKey? = nil) -> String {
        let keyID = Self.keyID(of: key ?? active)
        return Self.object(
            [("alg", #""EdDSA""#), ("typ", #""at+jwt""#), ("kid", "\"\(keyID)\"")],
            changes: changes
        )
    }

    /// Claims that are good at `TestIssuer.now` for the audience `api`; `changes` as in `header`.
    static func claims(_ changes: [String: String?] = [:]) -> String {
        object(
            [
                ("iss", "\"\(name)\""), ("sub", #""user-1""#), ("aud", #""api""#), ("client_id", #""local""#),
                ("iat", "\(now)"), ("exp", "\(now + 300)"), ("jti", #""AAAAAAAAAAAAAAAAAAAAAA""#),
            ],
            changes: changes
        )
    }

    /// A token of any header and any claims, correctly signed.
    func token(header: String? = nil, claims: String = Self.claims(), key: Ed25519SigningKey? = nil) -> String {
        Self.sign((header ?? self.header()).bytes, claims.bytes, key: key ?? active)
    }

    static func sign(_ header: [UInt8], _ claims: [UInt8], key: Ed25519SigningKey) -> String {
        let input = "\(base64URL(header)).\(base64URL(claims))"
        return "\(input).\(signature(of: input, key: key))"
    }

    static func signature(of input: String, key: Ed25519SigningKey) -> String {
        var signature: [UInt8] = []
        let bytes = input.bytes
        key.sign(bytes.span.bytes, appendingTo: &signature)
        return base64URL(signature)
    }

    /// The reason why the token is refused, or nil.
    func refusal(
        of token: String,
        audience: String? = "api",
        leewaySeconds: UInt32 = Self.leewaySeconds,
        now: UInt64 = Self.now,
        revocations: some AccessTokenRevocations = NoRevocations()
    ) -> TokenRefusal? {
        var scratch = VerifyScratch()
        return verifier.refusal(
            of: token.bytes,
            audience: audience,
            leewaySeconds: leewaySeconds,
            now: now,
            revocations: revocations,
            scratch: &scratch
        )
    }

    private static func object(_ members: [(String, String)], changes: [String: String?]) -> String {
        let added = changes.filter { change in !members.contains { $0.0 == change.key } }.sorted { $0.key < $1.key }
        let all = members.map { ($0.0, changes[$0.0] ?? $0.1) } + added.map { ($0.key, $0.value) }
        return "{" + all.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }.joined(separator: ",") + "}"
    }
}

extension TokenVerifier {
    func refusal(
        of token: [UInt8],
        audience: String?,
        leewaySeconds: UInt32 = TestIssuer.leewaySeconds,
        now: UInt64 = TestIssuer.now,
        cache: VerifiedTokenCache? = nil,
        revocations: some AccessTokenRevocations = NoRevocations(),
        scratch: inout VerifyScratch
    ) -> TokenRefusal? {
        let expected = audience?.bytes
        do {
            _ = try verify(
                token.span.bytes,
                expectedAudience: expected?.span.bytes,
                leewaySeconds: leewaySeconds,
                now: now,
                cache: cache,
                revocations: revocations,
                scratch: &scratch
            )
            return nil
        } catch {
            return error
        }
    }
}

func base64URL(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    Base64URL.encode(bytes.span.bytes, appendingTo: &text)
    return String(decoding: text, as: UTF8.self)
}

extension String {
    var bytes: [UInt8] { Array(utf8) }
}

extension TokenSigner {
    /// The token with the claims that were written last.
    func token(_ claims: borrowing ClaimsWriter) throws -> [UInt8] {
        var room = [UInt8](repeating: 0, count: byteCount(of: claims))
        let byteCount = try sign(claims, into: &room)
        precondition(byteCount == room.count, "a token is as long as was said")
        return room
    }
}
