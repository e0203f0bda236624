import Foundation
import MintmarkCrypto
import Testing

@testable import MintmarkTokens

@Suite struct KeyRingTests {
    let active = TestIssuer.key(1)
    let other = TestIssuer.key(2)

    /// RFC 8037 appendix A.1 to A.3: key and thumbprint.
    @Test func thumbprintIsThatOfRFC8037() throws {
        let seed = try #require([UInt8](hexadecimal: Self.rfc8037Seed))
        let key = TestIssuer.key(seed: seed)
        #expect(base64URL(seed) == "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
        #expect(base64URL(key.publicKey.rawBytes) == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
        #expect(TestIssuer.keyID(of: key) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
    }

    /// RFC 8037 appendix A.4 and A.5: signing and verifying.
    @Test func compactSerializationIsThatOfRFC8037() throws {
        let key = TestIssuer.key(seed: try #require([UInt8](hexadecimal: Self.rfc8037Seed)))
        let payload = "Example of Ed25519 signing".bytes
        var token: [UInt8] = []
        let beginning = CompactSerialization.beginning(headerText: base64URL(#"{"alg":"EdDSA"}"#.bytes).bytes)
        token.append(addingCapacity: 256) { output in
            CompactSerialization.append(
                beginning: beginning,
                payload: payload.span.bytes,
                signedWith: Ed25519PrefixedSigner(key, beginning: beginning),
                to: &output
            )
        }
        let expected =
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
            + "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        #expect(String(decoding: token, as: UTF8.self) == expected)
        #expect(Self.isSigned(token, by: key.publicKey))
    }

    private static func isSigned(_ token: [UInt8], by key: Ed25519PublicKey) -> Bool {
        guard let parts = TokenParts(token.span.bytes) else { return false }
        var signature: [UInt8] = []
        guard Base64URL.decode(token.span.bytes.extracting(parts.signature), appendingTo: &signature) else {
            return false
        }
        let message = token.span.bytes.extracting(0..<parts.payload.upperBound)
        return key.verifies(signature: signature.span.bytes, message: message)
    }

    static let rfc8037Seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"

    /// RFC 7638 section 3.1: from the canonical text to the thumbprint. Its key is an RSA key, which a ring cannot hold.
    @Test func digestIsThatOfRFC7638() {
        let modulus =
            "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWK"
            + "RXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMic"
            + "AtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3"
            + "XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
        let canonical = #"{"e":"AQAB","kty":"RSA","n":"\#(modulus)"}"#.bytes
        var digest: [UInt8] = []
        SHA256.hash(canonical.span.bytes, appendingTo: &digest)
        #expect(base64URL(digest) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
    }

    @Test func jwksHoldsTrustedKeys() throws {
        let ring = try TestIssuer(algorithm: .ed25519).keys
        let value = try JSONSerialization.jsonObject(with: Data(ring.jwks)) as? [String: [[String: String]]]
        let keys = try #require(value?["keys"])
        let expected = ring.keys.filter { $0.state != .revoked }
        #expect(keys.count == expected.count)
        for (jwk, key) in zip(keys, expected) {
            #expect(
                jwk == [
                    "kty": "OKP", "crv": "Ed25519", "x": base64URL(key.publicKey.rawBytes), "use": "sig",
                    "kid": String(decoding: key.keyID, as: UTF8.self),
                    "alg": key.state == .active ? "Ed25519" : "EdDSA",
                ]
            )
        }
    }

    @Test func ringHasExactlyOneActiveKey() {
        let none = [KeyRing.Key(active.publicKey, state: .retired)]
        let two = [KeyRing.Key(active.publicKey, state: .active), KeyRing.Key(other.publicKey, state: .active)]
        #expect(throws: KeyRingError.activeKeyCount(0)) { try KeyRing([], signingKey: active) }
        #expect(throws: KeyRingError.activeKeyCount(0)) { try KeyRing(none, signingKey: active) }
        #expect(throws: KeyRingError.activeKeyCount(2)) { try KeyRing(two, signingKey: active) }
    }

    @Test func ringRefusesAForeignSigningKeyAndARepeatedKey() {
        let one = [KeyRing.Key(active.publicKey, state: .active)]
        let repeated = one + [KeyRing.Key(active.publicKey, state: .revoked)]
        #expect(throws: KeyRingError.signingKeyIsNotActive) { try KeyRing(one, signingKey: other) }
        #expect(throws: KeyRingError.keyRepeated) { try KeyRing(repeated, signingKey: active) }
    }
}
