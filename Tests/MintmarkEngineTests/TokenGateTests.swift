import MintmarkEngine
import MintmarkSessions
import MintmarkTokens
import MintmarkWire
import Testing

/// What a gate that is asked by other means than frames says of tokens.
@Suite struct TokenGateTests {
    private static let issuer = bytes("https://issuer.example")

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func requirement(
        audiences: [String]? = nil,
        issuers: [String]? = nil,
        scopes: [String] = []
    ) -> TokenRequirement {
        TokenRequirement(
            audiences: audiences.map { Set($0.map(bytes)) },
            issuers: issuers.map { Set($0.map(bytes)) },
            scopes: scopes.map(bytes)
        )
    }

    private func token(
        _ fixture: EngineFixture,
        audiences: [String] = ["api", "orders"],
        scope: String? = "read write"
    ) throws -> [UInt8] {
        try fixture.call(SignRequest(subject: "alice", audience: audiences, scope: scope)).accessToken
    }

    private func verdict(
        _ fixture: EngineFixture,
        _ token: [UInt8],
        _ requirement: TokenRequirement = TokenRequirement(),
        caller: Caller? = nil
    ) -> TokenGate.Verdict {
        var gate = TokenGate(engine: fixture.engine)
        return gate.judge(
            token.span.bytes,
            requirement,
            caller: caller ?? fixture.caller,
            instant: fixture.instant
        )
    }

    /// With and without a cache: what a token says comes out of it as well.
    @Test(arguments: [nil, 1 << 20] as [Int?])
    func goodTokenIsToldAsItIs(cacheBytes: Int?) throws {
        let fixture = try EngineFixture(cacheBytes: cacheBytes)
        let token = try token(fixture)
        for _ in 0..<2 {
            guard case .active(let identity) = verdict(fixture, token) else {
                Issue.record("the token is good")
                return
            }
            #expect(identity.issuer == Self.issuer)
            #expect(identity.subject == Self.bytes("alice"))
            #expect(identity.clientID == Self.bytes("local"))
            #expect(identity.scope == Self.bytes("read write"))
            #expect(identity.audiences == [Self.bytes("api"), Self.bytes("orders")])
            #expect(identity.expiresAt > fixture.now)
        }
        let plain = try self.token(fixture, scope: nil)
        guard case .active(let identity) = verdict(fixture, plain) else {
            Issue.record("the token is good")
            return
        }
        #expect(identity.scope == nil)
    }

    /// What is asked of the token of ``token(_:audiences:scope:)``, and the answer; nil: it is good.
    static let questions: [(TokenRequirement, TokenGate.Verdict?)] = [
        (requirement(audiences: ["api"]), nil),
        (requirement(audiences: ["other", "orders"]), nil),
        (requirement(audiences: ["other"]), .inactive(.audienceRefused)),
        (requirement(audiences: ["ap", "apis", "API"]), .inactive(.audienceRefused)),
        (requirement(audiences: []), .inactive(.audienceRefused)),
        (requirement(issuers: ["https://issuer.example"]), nil),
        (requirement(issuers: ["https://issuer.example/"]), .inactive(.issuerRefused)),
        (requirement(issuers: []), .inactive(.issuerRefused)),
        (requirement(scopes: ["read"]), nil),
        (requirement(scopes: ["write", "read"]), nil),
        (requirement(scopes: ["read", "admin"]), .insufficientScope),
        (requirement(scopes: ["rea"]), .insufficientScope),
        (requirement(scopes: ["read write"]), .insufficientScope),
        (requirement(audiences: ["other"], scopes: ["admin"]), .inactive(.audienceRefused)),
    ]

    @Test(arguments: questions.indices)
    func requirementsAreHeldAgainstTheToken(index: Int) throws {
        let (requirement, expected) = Self.questions[index]
        let fixture = try EngineFixture()
        let verdict = verdict(fixture, try token(fixture), requirement)
        if let expected {
            #expect(verdict == expected)
        } else if case .active = verdict {
        } else {
            Issue.record("\(verdict)")
        }
    }

    @Test func narrowingNeverWidens() {
        let all = TokenRequirement()
        let some = Self.requirement(audiences: ["a", "b"], issuers: ["i"], scopes: ["x"])
        #expect(all.narrowed(by: some) == some)
        #expect(some.narrowed(by: all) == some)
        let other = Self.requirement(audiences: ["b", "c"], issuers: ["j"], scopes: ["x", "y"])
        #expect(some.narrowed(by: other) == Self.requirement(audiences: ["b"], issuers: [], scopes: ["x", "y"]))
    }

    @Test func badTokensSayWhy() throws {
        let fixture = try EngineFixture { $0.accessTokenTTLSeconds = 60 }
        #expect(verdict(fixture, []) == .inactive(.tokenMalformed))
        #expect(verdict(fixture, Self.bytes("a.b.c")) == .inactive(.tokenMalformed))
        #expect(verdict(fixture, Array(repeating: 0x61, count: 8_193)) == .inactive(.tokenOversize))
        var forged = try token(fixture)
        let place = forged.count - 10
        forged[place] = forged[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        #expect(verdict(fixture, forged) == .inactive(.signatureInvalid))
        let old = try token(fixture)
        fixture.advance(milliseconds: 60_000 + 31_000)
        #expect(verdict(fixture, old) == .inactive(.tokenExpired))
        #expect(fixture.count("verify_inactive") == 5)
    }

    @Test func cutOffsAndRevokedKeysCount() throws {
        let fixture = try EngineFixture(cacheBytes: 1 << 20)
        let opened = try fixture.open("alice")
        var gate = TokenGate(engine: fixture.engine)
        func ask() -> TokenGate.Verdict {
            gate.judge(
                opened.accessToken.span.bytes,
                TokenRequirement(),
                caller: fixture.caller,
                instant: fixture.instant
            )
        }
        guard case .active = ask() else {
            Issue.record("the token is good")
            return
        }
        _ = try fixture.call(RevokeRequest(.subject("alice")))
        #expect(ask() == .inactive(.tokenRevoked))
        // One gate follows when another service counts, here one with another key.
        let other = try EngineFixture()
        fixture.replaceTokens(with: other.engine.tokens.now)
        #expect(ask() == .inactive(.keyUnknown))
    }

    @Test func callerMayHaveToWaitButLearnsOfADeadTokenFirst() throws {
        let fixture = try EngineFixture()
        let token = try token(fixture)
        let caller = Caller(
            session: fixture.caller.session,
            permissions: Permissions(isAdministrator: false),
            rates: RateBudgets([.verify: Rate(count: 1, periodMilliseconds: 1_000, burst: 1)])
        )
        // Neither of these takes from the rate.
        #expect(verdict(fixture, [], caller: caller) == .inactive(.tokenMalformed))
        #expect(verdict(fixture, token, Self.requirement(scopes: ["no"]), caller: caller) == .insufficientScope)
        guard case .active = verdict(fixture, token, caller: caller) else {
            Issue.record("the first one is free")
            return
        }
        guard case .refused(let refusal) = verdict(fixture, token, caller: caller) else {
            Issue.record("the second one has to wait")
            return
        }
        #expect(refusal.retryAfterMilliseconds == 1_000)
        #expect(verdict(fixture, [], caller: caller) == .inactive(.tokenMalformed))
    }

    @Test func callerWithoutThePermissionIsTold() throws {
        let audit = StepAudit()
        let fixture = try EngineFixture(audit: audit)
        let caller = Caller(
            session: fixture.caller.session,
            permissions: Permissions(operations: OperationSet(.sign), isAdministrator: false)
        )
        let token = try token(fixture)
        guard case .refused(let refusal) = verdict(fixture, token, caller: caller) else {
            Issue.record("it may not ask")
            return
        }
        #expect(refusal.rule == .operations)
        #expect(audit.events.last?.name == .operationRefused)
    }
}
