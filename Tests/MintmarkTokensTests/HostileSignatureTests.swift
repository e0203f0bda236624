import MintmarkCrypto
import Testing

@testable import MintmarkTokens

@Suite struct HostileSignatureTests {
    let issuer: TestIssuer
    let input: String
    let signature: [UInt8]

    init() throws {
        issuer = try TestIssuer()
        input = "\(base64URL(issuer.header().bytes)).\(base64URL(TestIssuer.claims().bytes))"
        var signature: [UInt8] = []
        let bytes = input.bytes
        issuer.active.sign(bytes.span.bytes, appendingTo: &signature)
        self.signature = signature
    }

    func refusal(_ signature: [UInt8]) -> TokenRefusal? {
        issuer.refusal(of: "\(input).\(base64URL(signature))")
    }

    @Test func everyChangedBitOfTheSignatureIsRefused() {
        #expect(refusal(signature) == nil)
        for bit in 0..<512 {
            var changed = signature
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(refusal(changed) == .signatureInvalid, "bit \(bit)")
        }
    }

    /// The scalar S and S + L, L being the group's order, satisfy the same equation; only the lesser is a signature.
    @Test func malleableScalarIsRefused() throws {
        let order = try #require(
            [UInt8](hexadecimal: "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
        )
        var changed = signature
        var carry = 0
        for index in 0..<32 {
            carry += Int(changed[32 + index]) + Int(order[index])
            changed[32 + index] = UInt8(carry & 0xFF)
            carry >>= 8
        }
        #expect(carry == 0)
        #expect(refusal(changed) == .signatureInvalid)
    }

    @Test func otherLengthIsRefused() {
        for count in 0..<64 {
            #expect(refusal(Array(signature.prefix(count))) == .signatureInvalid)
        }
        for count in 1...64 {
            #expect(refusal(signature + [UInt8](repeating: 0, count: count)) == .signatureInvalid)
        }
        #expect(refusal(Array(signature[32...] + signature[..<32])) == .signatureInvalid)
        #expect(refusal([UInt8](repeating: 0, count: 64)) == .signatureInvalid)
        #expect(refusal(signature + signature) == .signatureInvalid)
    }

    /// R of small order with S = 0 verifies anything under lax rules.
    @Test(arguments: [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ])
    func pointOfSmallOrderOrNotCanonicalIsRefused(_ point: String) throws {
        let point = try #require([UInt8](hexadecimal: point))
        #expect(refusal(point + [UInt8](repeating: 0, count: 32)) == .signatureInvalid)
        #expect(refusal(point + signature[32...]) == .signatureInvalid)
    }

    @Test func signatureOfAnotherKeyOrTextIsRefused() {
        let claims = TestIssuer.claims(["sub": #""admin""#])
        let otherInput = "\(base64URL(issuer.header().bytes)).\(base64URL(claims.bytes))"
        #expect(issuer.refusal(of: "\(otherInput).\(base64URL(signature))") == .signatureInvalid)
        #expect(issuer.refusal(of: issuer.token(key: issuer.retired)) == .signatureInvalid)
        #expect(issuer.refusal(of: issuer.token(key: issuer.revoked)) == .signatureInvalid)
        let payloadAlone = TestIssuer.signature(of: base64URL(TestIssuer.claims().bytes), key: issuer.active)
        #expect(issuer.refusal(of: "\(input).\(payloadAlone)") == .signatureInvalid)
        let decoded = TestIssuer.signature(of: issuer.header() + "." + TestIssuer.claims(), key: issuer.active)
        #expect(issuer.refusal(of: "\(input).\(decoded)") == .signatureInvalid)
    }

    /// The header is signed as well: another that means the same is another token.
    @Test func reorderedHeaderIsRefused() {
        let keyID = TestIssuer.keyID(of: issuer.active)
        let header = #"{"typ":"at+jwt","alg":"EdDSA","kid":"\#(keyID)"}"#
        let token = "\(base64URL(header.bytes)).\(base64URL(TestIssuer.claims().bytes)).\(base64URL(signature))"
        #expect(issuer.refusal(of: token) == .signatureInvalid)
        #expect(issuer.refusal(of: issuer.token(header: header)) == nil)
    }

    /// Claims are not looked into before the signature is good.
    @Test(arguments: ["", "{", "[]", "{}", #"{"sub":1}"#])
    func signatureIsCheckedBeforeClaims(_ claims: String) {
        #expect(issuer.refusal(of: issuer.token(claims: claims, key: issuer.retired)) == .signatureInvalid)
        #expect(issuer.refusal(of: issuer.token(claims: claims)) != .signatureInvalid)
    }
}
