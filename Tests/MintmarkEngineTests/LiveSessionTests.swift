import MintmarkCrypto
import MintmarkEngine
import MintmarkSessions
import MintmarkTokens
import MintmarkWire
import Testing

/// `require_live_session` asks for the session that the token says it is of: this server's, and of this subject at this
/// client.
@Suite struct LiveSessionTests {
    @Test(arguments: [false, true])
    func subjectAndClientHaveToBeThoseOfTheSession(isCached: Bool) throws {
        let fixture = try EngineFixture(cacheBytes: isCached ? 1 << 20 : nil)
        let session = try fixture.open("alice")
        fixture.release()
        #expect(try fixture.refusal(of: session.accessToken, live: true) == nil)
        for (subject, client, refusal) in [
            ("alice", "local", nil), ("bob", "local", Status.sessionNotLive), ("alice", "web", .sessionNotLive),
            ("alice", "", .sessionNotLive),
        ] {
            let token = try fixture.token(subject, clientID: client, of: session.sessionID)
            for _ in 0..<2 {
                #expect(try fixture.refusal(of: token, live: true) == refusal, "\(subject) \(client)")
                #expect(try fixture.refusal(of: token) == nil)
            }
        }
    }

    /// Who is trusted for its own tokens says nothing of sessions here, not even of one that is.
    @Test(arguments: [false, true])
    func sessionsOfOtherIssuersAreNotAlive(isCached: Bool) throws {
        let fixture = try EngineFixture(cacheBytes: isCached ? 1 << 20 : nil)
        let session = try fixture.open("alice")
        fixture.release()
        let key = Ed25519SigningKey(random: SystemRandom())
        let ring = try KeyRing([KeyRing.Key(key.publicKey, state: .active)], signingKey: key)
        let issuer = "https://other.example"
        let signer = TokenSigner(keys: ring, profile: TokenProfile(issuer: Array(issuer.utf8)))
        let own = fixture.engine.tokens.now
        let keyID = KeyRing.Key(key.publicKey, state: .active).keyID
        fixture.replaceTokens(
            with: TokenService(
                keys: own.signer.keys,
                profile: own.signer.profile,
                issuers: [
                    TrustedIssuer(
                        issuer: Array(issuer.utf8),
                        keys: [TrustedIssuer.Key(keyID: keyID, publicKey: key.publicKey)]
                    )
                ],
                cache: own.cache,
                leewaySeconds: 30,
                after: own
            )
        )
        let token = try fixture.token("alice", clientID: "local", of: session.sessionID, signer: signer)
        for _ in 0..<2 {
            #expect(try fixture.refusal(of: token) == nil)
            #expect(try fixture.refusal(of: token, live: true) == .sessionNotLive)
        }
        #expect(try fixture.refusal(of: session.accessToken, live: true) == nil)
    }
}
