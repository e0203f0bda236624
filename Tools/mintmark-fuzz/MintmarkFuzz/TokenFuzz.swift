import MintmarkCrypto
import MintmarkInMemory
import MintmarkTokens

/// Bytes as access tokens, as their parts behind a good signature, and as claims that are to be signed.
///
/// No token is good that the key did not sign. A token is judged the same with and without the cache, the first time
/// and the second. Claims that are taken are taken in a token, too.
package enum TokenFuzz {
    private static let key = Ed25519SigningKey(random: RepeatableRandom())
    private static let verifier: TokenVerifier = {
        guard let keys = try? KeyRing([KeyRing.Key(key.publicKey, state: .active)], signingKey: key) else {
            preconditionFailure("one key makes a ring")
        }
        return TokenVerifier(keys: keys, profile: TokenProfile(issuer: Array("https://issuer.example".utf8)))
    }()

    /// The input's first byte says what the rest is. Stops the process when something is not as it should be.
    package static func run(_ input: [UInt8]) {
        let rest = Array(input.dropFirst())
        switch input.first.map({ $0 % 4 }) {
        case 0: precondition(!isGood(rest), "a token that nobody signed is good")
        case 1: judge(signed(header: goodHeader, payload: rest))
        case 2: judge(signed(header: rest, payload: goodPayload))
        case 3: checkClaims(rest)
        default: break
        }
    }

    private static let goodPayload = Array(
        """
        {"iss":"https://issuer.example","sub":"a","aud":"b","client_id":"c","iat":\(InMemoryEngine.wallSeconds),\
        "exp":\(InMemoryEngine.wallSeconds + 300),"jti":"d"}
        """.utf8
    )

    private static let goodHeader = Array(
        #"{"alg":"EdDSA","typ":"at+jwt","kid":"\#(String(decoding: verifier.keys.keys[0].keyID, as: UTF8.self))"}"#.utf8
    )

    private static func judge(_ token: [UInt8]) {
        _ = isGood(token)
    }

    /// Whether the verifier takes a token; with and without cache it must say the same.
    private static func isGood(_ token: [UInt8]) -> Bool {
        let cache = VerifiedTokenCache(byteCountMax: 1 << 16, random: RepeatableRandom())
        let refusals = [nil, cache, cache].map { refusal(of: token, cache: $0) }
        precondition(Set(refusals).count == 1, "a cache changes what is said of a token")
        return refusals[0] == nil
    }

    private static func refusal(of token: [UInt8], cache: VerifiedTokenCache?) -> TokenRefusal? {
        var scratch = VerifyScratch()
        do throws(TokenRefusal) {
            _ = try verifier.verify(
                token.span.bytes,
                expectedAudience: nil,
                leewaySeconds: 0,
                now: InMemoryEngine.wallSeconds,
                cache: cache,
                revocations: NoRevocations(),
                scratch: &scratch
            )
            return nil
        } catch {
            return error
        }
    }

    private static func signed(header: [UInt8], payload: [UInt8]) -> [UInt8] {
        var token: [UInt8] = []
        Base64URL.encode(header.span.bytes, appendingTo: &token)
        token.append(UInt8(ascii: "."))
        Base64URL.encode(payload.span.bytes, appendingTo: &token)
        var signature: [UInt8] = []
        key.sign(token.span.bytes, appendingTo: &signature)
        token.append(UInt8(ascii: "."))
        Base64URL.encode(signature.span.bytes, appendingTo: &token)
        return token
    }

    /// Claims that may be signed are an object, and stay one among the server's own claims.
    private static func checkClaims(_ claims: [UInt8]) {
        var validator = ClaimsValidator()
        guard (try? validator.validate(claims.span.bytes)) != nil else { return }
        let members = claims.dropLast(while: { $0 != UInt8(ascii: "}") }).dropLast()
        let own = goodPayload.dropFirst()
        let isEmpty = members.allSatisfy { $0 == UInt8(ascii: "{") || $0 <= UInt8(ascii: " ") }
        let payload = Array(members) + (isEmpty ? [] : [UInt8(ascii: ",")]) + own
        let refusal = refusal(of: signed(header: goodHeader, payload: payload), cache: nil)
        precondition(refusal == nil || refusal == .oversize, "claims that were taken make a token that is refused")
    }
}

extension [UInt8] {
    fileprivate func dropLast(while isDropped: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        self[..<((lastIndex { !isDropped($0) } ?? -1) + 1)]
    }
}
