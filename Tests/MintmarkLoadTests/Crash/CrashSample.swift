import MintmarkWire

@testable import MintmarkLoad

/// Requests and answers of one session, by generations: short enough for tables.
enum CrashSample {
    static let subject = "alice"
    static let sessionID = [UInt8](1...16)

    /// The refresh token of a generation.
    static func token(_ generation: UInt32) -> [UInt8] { Array("mmrt_\(generation)".utf8) }

    /// What happens in a line of a table.
    enum Step: Sendable {
        /// REFRESH with the token of a generation.
        case refresh(UInt32, Answer)
        /// Several at once, with the token of the same generation.
        case parallel(UInt32, [Answer])
        case introspect(UInt32, Answer)
        case verify(Answer)
        /// REVOKE of the session, or of its subject.
        case revoke(Answer)
        /// REVOKE and REFRESH at once.
        case meet(UInt32, revoke: Answer, refresh: Answer)
        /// The service clock goes on, in milliseconds.
        case later(Int64)
        /// The store came back from what may be an older state.
        case loosened
    }

    enum Answer: Sendable {
        case lost
        case rotated(UInt32)
        case sameSuccessor(UInt32)
        case fastForward(UInt32)
        case unchanged(UInt32)
        /// A success with a token of its own.
        case forked(UInt32)
        case refused(Status)
        case done
        case active
        case wouldBe(RefreshOutcome)
        case inactive(Status)
    }
}

/// A session under judgement.
struct CrashBench {
    private(set) var subject = CrashSubject(name: CrashSample.subject)
    private let minted = MintedTokens()
    private var milliseconds: Int64 = 1_000
    private var accessTokenCount = 0
    private let grace = CrashGrace(windowNanoseconds: 5_000_000_000)

    var session: CrashSession { subject.sessions[0] }

    /// Opens the session and rotates it.
    init(generation: UInt32) {
        let opened = RaceOutcome.opened(grant(CrashSample.token(0)))
        precondition(take([(.subject, .open(subject: CrashSample.subject), opened)]) == nil)
        for next in 1..<(generation + 1) {
            precondition(perform(.refresh(next - 1, .rotated(next))) == nil, "a good answer")
        }
    }

    /// Judges the answers of a step, half a second behind the last one; the first finding, or nil.
    mutating func perform(_ step: CrashSample.Step) -> CrashFinding? {
        milliseconds += 500
        let at = CrashOperation.Target.session(0)
        switch step {
        case .refresh(let generation, let answer):
            return take([(at, .refresh(CrashSample.token(generation)), outcome(answer))])
        case .parallel(let generation, let answers):
            return take(answers.map { (at, .refresh(CrashSample.token(generation)), outcome($0)) })
        case .introspect(let generation, let answer):
            return take([(at, .introspect(CrashSample.token(generation)), outcome(answer))])
        case .verify(let answer):
            return take([(at, .verify(Array("eyJ0".utf8)), verdict(answer))])
        case .revoke(let answer):
            return take([(at, .revoke(.sessionID(CrashSample.sessionID)), outcome(answer))])
        case .meet(let generation, let revoke, let refresh):
            return take([
                (at, .revoke(.sessionID(CrashSample.sessionID)), outcome(revoke)),
                (at, .refresh(CrashSample.token(generation)), outcome(refresh)),
            ])
        case .later(let time):
            milliseconds += time
            return nil
        case .loosened:
            subject.loosen()
            return nil
        }
    }

    /// Judges answers to requests that were underway together.
    mutating func take(
        _ exchanges: [(target: CrashOperation.Target, request: RaceRequest, outcome: RaceOutcome?)]
    ) -> CrashFinding? {
        let sent = ServiceInstant(fast: milliseconds * 1_000_000, slow: milliseconds * 1_000_000)
        let answered = ServiceInstant(fast: sent.fast + 1_000_000, slow: sent.slow + 1_000_000)
        return subject.take(
            exchanges.map { CrashOperation(subject: 0, target: $0.target, number: 7, request: $0.request) },
            exchanges.map {
                CrashExchange(request: $0.request, outcome: $0.outcome, sentAt: sent, answeredAt: answered)
            },
            grace: grace,
            minted: minted
        )
    }

    /// A grant with a new access token.
    mutating func grant(_ refreshToken: [UInt8]) -> SessionGrant {
        accessTokenCount += 1
        return SessionGrant(
            accessToken: Array("eyJ\(accessTokenCount)".utf8),
            refreshToken: refreshToken,
            sessionID: CrashSample.sessionID,
            times: GrantTimes(serverTime: 1, expiresAt: 2, refreshExpiresAt: 3, sessionExpiresAt: 4)
        )
    }

    private mutating func refreshed(_ outcome: RefreshOutcome, _ generation: UInt32) -> RaceOutcome {
        .refreshed(
            RefreshResponse(
                grant: grant(CrashSample.token(generation)),
                refreshOutcome: outcome,
                generation: generation
            )
        )
    }

    private mutating func outcome(_ answer: CrashSample.Answer) -> RaceOutcome? {
        switch answer {
        case .lost: return nil
        case .rotated(let generation): return refreshed(.rotated, generation)
        case .sameSuccessor(let generation): return refreshed(.sameSuccessor, generation)
        case .fastForward(let generation): return refreshed(.fastForward, generation)
        case .unchanged(let generation): return refreshed(.unchanged, generation)
        case .forked(let generation):
            let grant = grant(Array("mmrt_fork\(accessTokenCount)".utf8))
            return .refreshed(RefreshResponse(grant: grant, refreshOutcome: .sameSuccessor, generation: generation))
        case .refused(let status): return .refused(StatusCode(status), nil)
        case .done: return .revoked
        case .active: return introspected(IntrospectResponse(serverTime: 1, isActive: true, refreshOutcome: .rotated))
        case .wouldBe(let outcome):
            return introspected(IntrospectResponse(serverTime: 1, isActive: true, refreshOutcome: outcome))
        case .inactive(let status):
            return introspected(IntrospectResponse(serverTime: 1, isActive: false, reason: StatusCode(status)))
        }
    }

    private func introspected(_ response: IntrospectResponse) -> RaceOutcome { .introspected(response) }

    private func verdict(_ answer: CrashSample.Answer) -> RaceOutcome? {
        switch answer {
        case .active: .verified(VerifyResponse(isActive: true))
        case .inactive(let status): .verified(VerifyResponse(isActive: false, reason: StatusCode(status)))
        default: nil
        }
    }
}
