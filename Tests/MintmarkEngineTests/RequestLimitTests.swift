import MintmarkEngine
import MintmarkSessions
import MintmarkTokens
import MintmarkWire
import Testing

/// What a request may ask for: lifetimes, claims, the size of what is made.
@Suite struct RequestLimitTests {
    let fixture: EngineFixture

    init() throws {
        fixture = try EngineFixture { $0.accessTokenTTLSeconds = 100 }
    }

    private static func claims(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test(arguments: [(99, true), (100, true), (101, false), (UInt32.max, false)])
    func lifetimeIsAtMostThePolicys(seconds: UInt32, isGranted: Bool) throws {
        let refreshToken = try fixture.open().refreshToken
        let sign = SignRequest(subject: "user-1", audience: ["api"], accessTokenTTLSeconds: seconds)
        let open = OpenRequest(subject: "user-1", audience: ["api"], accessTokenTTLSeconds: seconds)
        let refresh = RefreshRequest(refreshToken: refreshToken, accessTokenTTLSeconds: seconds)
        let count = fixture.engine.sessions.count
        let answers = try [fixture.perform(sign), fixture.perform(open), fixture.perform(refresh)]
        for answer in answers {
            #expect(answer.status == (isGranted ? nil : .ttlTooLong))
            #expect(answer.field == (isGranted ? nil : .accessTokenTTL))
        }
        #expect(fixture.engine.sessions.count == count + (isGranted ? 1 : 0))
        if isGranted {
            #expect(try fixture.call(sign).expiresInSeconds == seconds)
        }
    }

    @Test func lifetimeOfZeroIsNoValue() throws {
        let answer = try fixture.perform(SignRequest(subject: "u", audience: ["a"], accessTokenTTLSeconds: 0))
        #expect(answer.status == .fieldValue)
        #expect(answer.field == .accessTokenTTL)
    }

    @Test(arguments: [
        (#"[]"#, Status.claimsInvalid), (#"{"a":1,}"#, .claimsInvalid), (#"{"a":01}"#, .claimsInvalid),
        (#"{"a":1,"a":2}"#, .claimsDuplicate), (#"{"exp":1}"#, .claimsReserved), (#"{"sid":1}"#, .claimsReserved),
        (#"{"s\u0075b":1}"#, .claimsReserved),
    ])
    func badClaimsMakeNothing(text: String, status: Status) throws {
        let sign = try fixture.perform(SignRequest(claims: Self.claims(text), subject: "u", audience: ["a"]))
        let open = try fixture.perform(OpenRequest(claims: Self.claims(text), subject: "u", audience: ["a"]))
        for answer in [sign, open] {
            #expect(answer.status == status)
            #expect(answer.field == .claims)
        }
        #expect(fixture.engine.sessions.count == 0)
        #expect(fixture.journal.lastLSN == .zero)
    }

    /// Whoever wrote the claims is told where to look, and nothing of what they hold.
    @Test(arguments: [
        (#"{"a":"secret",}"#, "a byte that JSON does not allow there, at offset 14"),
        (#"{"secret":1,"secret":2}"#, "at offset 12"), (#"{"a":"secret","exp":1}"#, "exp, at offset 14"),
    ])
    func refusedClaimsAreToldWhere(text: String, detail: String) throws {
        let answer = try fixture.perform(SignRequest(claims: Self.claims(text), subject: "u", audience: ["a"]))
        let message = try #require(answer.error?.message)
        #expect(message.hasSuffix(" (claims: \(detail))"), "\(message)")
        #expect(!message.contains("secret"))
    }

    /// The greatest token is just within the limit, and one byte of claims more makes nothing.
    @Test func tokenIsMadeUpToItsLimit() throws {
        let audience = (0..<7).map { "\($0)" + String(repeating: "a", count: 255) }
        func claims(_ count: Int) -> [UInt8] {
            Self.claims(#"{"c":""# + String(repeating: "x", count: count) + #""}"#)
        }
        func sign(_ count: Int) throws -> EngineFixture.Answer {
            try fixture.perform(SignRequest(claims: claims(count), subject: "user-1", audience: audience))
        }
        func open(_ count: Int) throws -> EngineFixture.Answer {
            try fixture.perform(OpenRequest(claims: claims(count), subject: "user-1", audience: audience))
        }
        for make in [sign, open] {
            var (good, bad) = (1, 4_080)
            #expect(try make(bad).status == .tokenTooLarge)
            while bad - good > 1 {
                let middle = (good + bad) / 2
                if try make(middle).error == nil { good = middle } else { bad = middle }
            }
            let sessions = fixture.engine.sessions.count
            #expect(try make(bad).status == .tokenTooLarge)
            #expect(fixture.engine.sessions.count == sessions)
            let made = try make(good)
            let token =
                try made.header?.responseKind == .sign
                ? SignResponse(decoding: made.body.span.bytes).accessToken
                : OpenResponse(decoding: made.body.span.bytes).grant.accessToken
            // Base64 grows by one or two characters per byte.
            #expect((Limits.accessTokenLengthMax - 1...Limits.accessTokenLengthMax).contains(token.count))
            let verdict = try fixture.call(VerifyRequest(accessToken: token, expectedAudience: .any))
            #expect(verdict.isActive)
        }
    }

    @Test func unknownKindsAndFlagsAreRefused() throws {
        #expect(try fixture.perform(frame: [0, 0, 0, 6, 0x7E, 0, 0, 0, 0, 1]).status == .kindUnknown)
        #expect(try fixture.perform(frame: [0, 0, 0, 6, 3, 1, 0, 0, 0, 1]).status == .flagsUnsupported)
    }

    @Test func requestThatIsExecutedAgainIsCountedOnce() throws {
        let ping: [UInt8] = [0, 0, 0, 6, Kind.ping.requestByte, 0, 0, 0, 0, 1]
        #expect(try fixture.perform(frame: ping).error == nil)
        #expect(try fixture.perform(frame: ping, isRepetition: true).error == nil)
        #expect(fixture.count("requests_ping") == 1)
    }
}
