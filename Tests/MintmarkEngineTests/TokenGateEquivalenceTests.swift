import MintmarkSessions
import MintmarkTestSupport
import MintmarkTokens
import MintmarkWire
import Testing

@testable import MintmarkEngine

/// Whoever asks by other means than frames is told what VERIFY tells of the same token at the same moment.
@Suite struct TokenGateEquivalenceTests {
    private enum Outcome: Equatable {
        case active
        case inactive(Status?)
        case refused(Status?, retryAfterMilliseconds: UInt32?)
    }

    private let fixture: EngineFixture
    private let mint: TokenMint

    init() throws {
        fixture = try EngineFixture(cacheBytes: 1 << 20) { $0.accessTokenTTLSeconds = 60 }
        mint = TokenMint(fixture.engine.tokens.now.signer.keys)
    }

    /// Three who ask: one with a rate of its own each time it is made, one who may not, and one who may.
    private func callers() -> [Caller] {
        let session = fixture.caller.session
        let rate = Rate(count: 1, periodMilliseconds: 60_000, burst: 2)
        return [
            Caller(
                session: session,
                permissions: Permissions(isAdministrator: false),
                rates: RateBudgets([.verify: rate])
            ),
            Caller(session: session, permissions: Permissions(operations: OperationSet(.sign), isAdministrator: false)),
            Caller(session: session, permissions: Permissions(isAdministrator: true)),
        ]
    }

    private func verify(_ token: [UInt8], audience: String?, live: Bool = false, _ caller: Caller) throws -> Outcome {
        let administrator = fixture.caller
        defer { fixture.caller = administrator }
        fixture.caller = caller
        let answer = try fixture.perform(
            VerifyRequest(
                accessToken: token,
                expectedAudience: audience.map { .named($0) } ?? .any,
                requiresLiveSession: live
            )
        )
        if let error = answer.error {
            return .refused(answer.status, retryAfterMilliseconds: error.retryAfterMilliseconds)
        }
        let verdict = try VerifyResponse(decoding: answer.body.span.bytes)
        return verdict.isActive ? .active : .inactive(verdict.reason.flatMap { Status(rawValue: $0.rawValue) })
    }

    private func ask(_ gate: inout TokenGate, _ token: [UInt8], audience: String?, _ caller: Caller) -> Outcome {
        let verdict = gate.judge(
            token.span.bytes,
            TokenRequirement(audiences: audience.map { [Array($0.utf8)] }),
            caller: caller,
            instant: fixture.instant
        )
        return switch verdict {
        case .active: .active
        case .inactive(let reason): .inactive(reason)
        case .insufficientScope: .refused(nil, retryAfterMilliseconds: nil)
        case .refused(let refusal):
            .refused(refusal.error.status, retryAfterMilliseconds: refusal.retryAfterMilliseconds)
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64], [false, true])
    func bothSayTheSame(seed: UInt64, isCached: Bool) throws {
        var generator = SeededGenerator(seed: seed)
        fixture.replaceTokens(with: try mint.service(after: fixture.engine.tokens.now, isKeyRevoked: false))
        var gate = TokenGate(engine: fixture.engine)
        let (ofVerify, ofGate) = (callers(), callers())
        var tokens: [[UInt8]] = []
        var sessions: [SessionGrant] = []
        var seen: Set<Status> = []
        var liveness: Set<Bool> = []
        for step in 0..<2_000 {
            if step == 1_000 {
                fixture.replaceTokens(with: try mint.service(after: fixture.engine.tokens.now, isKeyRevoked: true))
            }
            if !isCached { fixture.engine.tokens.now.cache?.purge() }
            change(&tokens, &sessions, &generator)
            guard let token = tokens.suffix(30).randomElement(using: &generator) else { continue }
            let audience = Bool.random(using: &generator) ? TokenMint.audiences.randomElement(using: &generator) : nil
            let place = min(2, Int.random(in: 0..<8, using: &generator))
            let isGateFirst = Bool.random(using: &generator)
            let early = isGateFirst ? ask(&gate, token, audience: audience, ofGate[place]) : nil
            let told = try verify(token, audience: audience, ofVerify[place])
            let other = early ?? ask(&gate, token, audience: audience, ofGate[place])
            #expect(told == other, "step \(step)")
            if case .inactive(let reason?) = told { seen.insert(reason) }
            if case .refused(let reason?, _) = told { seen.insert(reason) }
            guard place == 2 else { continue }
            // What VERIFY alone can be asked changes nothing but this.
            let live = try verify(token, audience: audience, live: true, ofVerify[place])
            #expect(live == told || (told == .active && live == .inactive(.sessionNotLive)), "step \(step)")
            if told == .active { liveness.insert(live == told) }
        }
        #expect(seen == Set(TokenRefusal.allCases.map { Status($0) }).union([.notPermitted, .rateLimited]))
        #expect(liveness == [false, true])
    }

    /// Makes a token, or lets time or a revocation change what one is worth.
    private func change(
        _ tokens: inout [[UInt8]],
        _ sessions: inout [SessionGrant],
        _ generator: inout SeededGenerator
    ) {
        let subject = "user-\(Int.random(in: 1...4, using: &generator))"
        do {
            switch Int.random(in: 0..<20, using: &generator) {
            case 0: fixture.advance(milliseconds: UInt64.random(in: 1_000...20_000, using: &generator))
            case 1: fixture.setWall(fixture.now - UInt64.random(in: 1...5, using: &generator))
            case 2: _ = try fixture.call(RevokeRequest(.subject(subject)))
            case 3:
                guard let session = sessions.suffix(8).randomElement(using: &generator) else { return }
                _ = try fixture.perform(RevokeRequest(.sessionID(session.sessionID)))
            case 4...6:
                let session = try fixture.open(subject)
                sessions.append(session)
                tokens.append(session.accessToken)
            case 7: tokens.append(try fixture.sign(subject))
            case 8...14:
                guard let flaw = TokenMint.Flaw.allCases.randomElement(using: &generator) else { return }
                tokens.append(mint.token(flaw, subject: subject, now: fixture.now, &generator))
            default: break
            }
            fixture.release()
        } catch {
            Issue.record(error)
        }
    }

    /// The order of the checks is one, where a token has two flaws and where several audiences would do.
    @Test func theFirstCheckThatFailsGivesTheReason() throws {
        var generator = SeededGenerator(seed: 1)
        var gate = TokenGate(engine: fixture.engine)
        let caller = fixture.caller
        for flaw in [TokenMint.Flaw.expired, .notYetValid] {
            let token = mint.token(flaw, subject: "alice", now: fixture.now, &generator)
            #expect(try verify(token, audience: "other", caller) == .inactive(.audienceRefused))
            #expect(ask(&gate, token, audience: "other", caller) == .inactive(.audienceRefused))
            let several = TokenRequirement(audiences: [Array("other".utf8), Array("x".utf8)])
            let verdict = gate.judge(token.span.bytes, several, caller: caller, instant: fixture.instant)
            #expect(verdict == .inactive(.audienceRefused))
        }
    }
}
