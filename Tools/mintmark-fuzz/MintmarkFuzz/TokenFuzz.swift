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
        case 0: precondition(refusal(of: rest) != nil, "a token that nobody signed is good")
        case 1: judge(payload: rest)
        case 2: judge(header: rest)
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

    /// Signing a payload and checking the signature takes ten times as long as reading it. So the payload is read alone,
    /// and one in so many goes into a token.
    private static func judge(payload: [UInt8]) {
        var scratch = VerifyScratch()
        var expected: TokenRefusal?
        do throws(TokenRefusal) {
            _ = try verifier.facts(ofClaims: payload.span.bytes, scratch: &scratch)
        } catch {
            expected = error
        }
        guard isChosen(payload) else { return }
        let found = refusal(of: signed(header: goodHeader, payload: payload))
        let possible: [TokenRefusal?] = expected.map { [$0] } ?? [nil, .expired, .notYetValid]
        precondition(found == .oversize || possible.contains(found), "claims are judged otherwise in a token")
    }

    /// A header that is refused is so before the signature, however bad that is.
    private static func judge(header: [UInt8]) {
        let unsigned = refusal(
            of: token(header: header, payload: goodPayload, signature: [UInt8](repeating: 0, count: 64))
        )
        precondition(unsigned != nil, "a token that nobody signed is good")
        guard unsigned == .signatureInvalid || isChosen(header) else { return }
        let found = refusal(of: signed(header: header, payload: goodPayload))
        precondition(found == (unsigned == .signatureInvalid ? nil : unsigned), "a header is judged by the signature")
    }

    /// Whether an input is one of the few that everything is done with: by its bytes, so that it is each time.
    private static func isChosen(_ bytes: [UInt8]) -> Bool {
        bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 } >> 60 == 0
    }

    /// What the verifier refuses a token for, nil when it is good. With and without cache it must be the same.
    private static func refusal(of token: [UInt8]) -> TokenRefusal? {
        let cache = VerifiedTokenCache(byteCountMax: 1 << 16, random: RepeatableRandom())
        let first = refusal(of: token, cache: nil)
        for _ in 0..<2 {
            precondition(refusal(of: token, cache: cache) == first, "a cache changes what is said of a token")
        }
        return first
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
        token(header: header, payload: payload, signature: nil)
    }

    /// - Parameter signature: nil is that of the key.
    private static func token(header: [UInt8], payload: [UInt8], signature: [UInt8]?) -> [UInt8] {
        var token: [UInt8] = []
        Base64URL.encode(header.span.bytes, appendingTo: &token)
        token.append(UInt8(ascii: "."))
        Base64URL.encode(payload.span.bytes, appendingTo: &token)
        var signature = signature ?? []
        if signature.isEmpty { key.sign(token.span.bytes, appendingTo: &signature) }
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
        var scratch = VerifyScratch()
        let isRead = (try? verifier.facts(ofClaims: payload.span.bytes, scratch: &scratch)) != nil
        precondition(isRead, "claims that were taken cannot be read again")
        guard isChosen(claims) else { return }
        let refusal = refusal(of: signed(header: goodHeader, payload: payload), cache: nil)
        precondition(refusal == nil || refusal == .oversize, "claims that were taken make a token that is refused")
    }
}

extension [UInt8] {
    fileprivate func dropLast(while isDropped: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        self[..<((lastIndex { !isDropped($0) } ?? -1) + 1)]
    }
}
