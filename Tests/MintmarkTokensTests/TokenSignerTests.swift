import MintmarkCrypto
import Testing

@testable import MintmarkTokens

@Suite struct TokenSignerTests {
    @Test(arguments: [(KeyRing.Algorithm.edDSA, "EdDSA"), (.ed25519, "Ed25519")])
    func headerSaysAlgorithmTypeAndKey(algorithm: KeyRing.Algorithm, name: String) throws {
        let issuer = try TestIssuer(type: "my\"type", algorithm: algorithm)
        var writer = ClaimsWriter(random: FixedRandom(bytes: [1]))
        TokenContent().write(to: &writer)
        var room = [UInt8](repeating: 0xAA, count: issuer.signer.byteCount(of: writer) + 1)
        let byteCount = try issuer.signer.sign(writer, into: &room)
        #expect(byteCount == room.count - 1)
        #expect(room.removeLast() == 0xAA)
        let header = #"{"alg":"\#(name)","typ":"my\"type","kid":"\#(TestIssuer.keyID(of: issuer.active))"}"#
        #expect(String(decoding: room, as: UTF8.self).hasPrefix(base64URL(header.bytes) + "."))
        var scratch = VerifyScratch()
        #expect(issuer.verifier.refusal(of: room, audience: "api", scratch: &scratch) == nil)
    }

    /// A token is at most 8192 bytes long; lengths 4n + 1 do not exist, and one more byte of claims adds one or two.
    @Test func lengthIsLimited() throws {
        let issuer = try TestIssuer()
        var longest = 0
        var shortestRefused = Int.max
        for padding in 5800..<5900 {
            let content = TokenContent(customClaims: "{\"a\":\"\(String(repeating: "x", count: padding))\"}")
            var writer = ClaimsWriter(random: FixedRandom(bytes: [1]))
            content.write(to: &writer)
            let before = [UInt8](repeating: 0xAA, count: TokenLimits.accessTokenLengthMax)
            var room = before
            do {
                let byteCount = try issuer.signer.sign(writer, into: &room)
                longest = max(longest, byteCount)
                var scratch = VerifyScratch()
                let token = Array(room.prefix(byteCount))
                #expect(issuer.verifier.refusal(of: token, audience: "api", scratch: &scratch) == nil)
            } catch {
                shortestRefused = min(shortestRefused, error.byteCount)
                #expect(room == before)
            }
        }
        #expect((8191...8192).contains(longest))
        #expect((8193...8194).contains(shortestRefused))
    }

    @Test func limitsAreThoseOfTheRegistry() throws {
        let limits = try Registry.limits()
        #expect(limits["access_token_length_max"] == TokenLimits.accessTokenLengthMax)
        #expect(limits["header_length_max"] == TokenLimits.headerLengthMax)
        #expect(limits["key_id_length_max"] == TokenLimits.keyIDLengthMax)
        #expect(limits["claims_length_max"] == TokenLimits.claimsLengthMax)
        #expect(limits["claims_depth_max"] == TokenLimits.claimsDepthMax)
        #expect(limits["header_depth_max"] == TokenLimits.headerDepthMax)
    }
}
