import Foundation
import MintmarkCrypto
import Testing

@testable import MintmarkTokens

/// The published vectors: `Protocol/vectors/access-tokens.json`.
@Suite struct AccessTokenVectorTests {
    struct Document: Decodable {
        struct Key: Decodable {
            let kid: String
            let state: String
            let seed: String
        }

        struct Settings: Decodable {
            let issuer: String
            let type: String
            let now: UInt64
            let leeway: UInt32
        }

        struct Case: Decodable, CustomTestStringConvertible, Sendable {
            let name: String
            let token: String
            let expectedAudience: String?
            let active: Bool
            let claims: VectorBytes?
            let reason: String?
            let now: UInt64?
            let leeway: UInt32?

            var testDescription: String { name }
        }

        let keys: [Key]
        let settings: Settings
        let cases: [Case]
    }

    static let document = Result {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let file = repositoryRoot.appending(path: "Protocol/vectors/access-tokens.json")
        return try decoder.decode(Document.self, from: Data(contentsOf: file))
    }

    static let statusNames: [TokenRefusal: String] = [
        .oversize: "TOKEN_OVERSIZE", .malformed: "TOKEN_MALFORMED", .algorithmRefused: "ALGORITHM_REFUSED",
        .headerRefused: "HEADER_REFUSED", .typeRefused: "TYPE_REFUSED", .keyUnknown: "KEY_UNKNOWN",
        .keyRevoked: "KEY_REVOKED", .signatureInvalid: "SIGNATURE_INVALID", .claimsRefused: "CLAIMS_REFUSED",
        .issuerRefused: "ISSUER_REFUSED", .audienceRefused: "AUDIENCE_REFUSED", .expired: "TOKEN_EXPIRED",
        .notYetValid: "TOKEN_NOT_YET_VALID", .revoked: "TOKEN_REVOKED",
    ]

    @Test func everyRefusalIsAStatus() throws {
        #expect(Set(Self.statusNames.keys) == Set(TokenRefusal.allCases))
    }

    @Test(arguments: try document.get().cases)
    func verdictIsAsPublished(_ vector: Document.Case) throws {
        let document = try Self.document.get()
        let verifier = try Self.verifier(of: document)
        let cache = VerifiedTokenCache(random: SeededRandom(seed: 1))
        var scratch = VerifyScratch()
        for _ in 1...2 {
            let refusal = verifier.refusal(
                of: vector.token.bytes,
                audience: vector.expectedAudience,
                leewaySeconds: vector.leeway ?? document.settings.leeway,
                now: vector.now ?? document.settings.now,
                cache: cache,
                scratch: &scratch
            )
            #expect(refusal.flatMap { Self.statusNames[$0] } == vector.reason)
            #expect((refusal == nil) == vector.active)
        }
        if let claims = vector.claims {
            let facts = try verifier.read(vector.token.bytes.span.bytes, scratch: &scratch)
            #expect(scratch.withClaims(of: facts) { $0.withUnsafeBytes { Array($0) } } == claims.bytes)
        }
    }

    private static func verifier(of document: Document) throws -> TokenVerifier {
        let states: [String: KeyRing.State] = [
            "prepared": .prepared, "active": .active, "retired": .retired, "revoked": .revoked,
        ]
        var keys: [KeyRing.Key] = []
        var signingKey: Ed25519SigningKey?
        for key in document.keys {
            let signing = TestIssuer.key(seed: try #require([UInt8](hexadecimal: key.seed)))
            let state = try #require(states[key.state])
            if state == .active { signingKey = signing }
            #expect(TestIssuer.keyID(of: signing) == key.kid)
            keys.append(KeyRing.Key(signing.publicKey, state: state))
        }
        return TokenVerifier(
            keys: try KeyRing(keys, signingKey: try #require(signingKey)),
            profile: TokenProfile(issuer: document.settings.issuer.bytes, type: document.settings.type.bytes)
        )
    }
}
