import MintmarkSessions
import MintmarkSessionsTestSupport
import MintmarkTestSupport
import Testing

/// Random walks: two honest processes, a thief, answers that get lost, a disk that lags, clocks that step, revocations
/// and forced rotations. Every answer is compared with the model's.
@Suite struct RandomWalkTests {
    static let policies: [SessionCaller] = [
        .client(),
        .client { $0.grace = GraceRule(windowMilliseconds: 5_000, uses: 2, streak: 2) },
        .client { $0.rotation = .never },
        .client {
            $0.rotation = .after(seconds: 8)
            $0.idleSeconds = 160
            $0.accessTokenTTLSeconds = 100
        },
        .client {
            $0.rotation = .afterFraction(0.5)
            $0.idleSeconds = 40
            $0.absoluteSeconds = 120
            $0.accessTokenTTLSeconds = 100
        },
    ]

    @Test(arguments: 0..<250 as Range<UInt64>)
    func everyAnswerIsTheModels(seed: UInt64) throws {
        var walk = Walk(seed: seed, caller: Self.policies[Int(seed) % Self.policies.count])
        for _ in 0..<120 {
            walk.step()
        }
        walk.checkTokens()
    }

    /// Two honest processes that share one token file and repeat at once what was not answered are never logged out,
    /// whatever gets lost and however the disk lags.
    @Test(arguments: 0..<80 as Range<UInt64>)
    func honestProcessesAreNeverLoggedOut(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = StoreFixture(journal: TestJournal(isDurableAtOnce: seed % 2 == 0), seed: seed)
        var file = try #require(fixture.open().granted)
        for _ in 0..<80 {
            let readByOne = file
            let readByOther = file
            var answers: [Granted] = []
            for token in [readByOne.token, readByOther.token] {
                var isAnswered = false
                for attempt in 0..<7 where !isAnswered {
                    isAnswered = attempt == 6 || Int.random(in: 0..<3, using: &generator) > 0
                    let granted = try #require(fixture.refresh(token).granted, "seed \(seed)")
                    if isAnswered {
                        answers.append(granted)
                    }
                    fixture.clocks.advance(milliseconds: UInt64.random(in: 0...600, using: &generator))
                    if Int.random(in: 0..<4, using: &generator) == 0 {
                        fixture.sync()
                    }
                }
            }
            #expect(Set(answers.map(\.token)).count == 1)
            file = try #require(answers.max { $0.generation < $1.generation })
            fixture.sync()
            fixture.clocks.advance(seconds: UInt64.random(in: 0...100_000, using: &generator))
            fixture.clocks.wallSeconds = fixture.clocks.storeSeconds - UInt64.random(in: 0...3_600, using: &generator)
        }
    }

    /// A thief with a copy of the token, who does not call inside every window, is found out or left behind.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func aCopyIsFoundOutOrLeftBehind(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = StoreFixture(seed: seed)
        var honest = try #require(fixture.open().granted)
        for _ in 0..<Int.random(in: 0..<5, using: &generator) {
            honest = try #require(fixture.refresh(honest.token).granted)
        }
        let stolen = honest.token
        for _ in 0..<2 {
            honest = try #require(fixture.refresh(honest.token).granted)
            fixture.clocks.advance(milliseconds: UInt64.random(in: 0..<20_000, using: &generator))
        }
        #expect(fixture.refresh(stolen).refusal == .reused)
        #expect(fixture.refresh(honest.token).refusal == .revoked)
    }
}

/// One walk over one session.
private struct Walk {
    private var generator: SeededGenerator
    private let fixture: StoreFixture
    private let seed: UInt64
    private let caller: SessionCaller
    private let isDurableAtOnce: Bool
    private let sessionID: SessionID
    private var model: SessionModel

    /// Every token by its number in the model, and who holds which.
    private var tokens: [[UInt8]]
    private var held = [0, 0, 0]

    init(seed: UInt64, caller: SessionCaller) {
        self.seed = seed
        self.caller = caller
        generator = SeededGenerator(seed: seed)
        isDurableAtOnce = seed % 3 != 0
        fixture = StoreFixture(journal: TestJournal(isDurableAtOnce: isDurableAtOnce), seed: seed)
        let opened = fixture.open(caller: caller).granted
        tokens = [opened?.token ?? []]
        sessionID = opened?.sessionID ?? SessionID(high: 0, low: 0)
        model = SessionModel(caller: caller, at: Self.time(fixture))
        fixture.sync()
    }

    mutating func step() {
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<59: refresh()
        case 59: present(Int.random(in: 0..<tokens.count, using: &generator), as: caller)
        case 60..<64: held[2] = held[Int.random(in: 0..<2, using: &generator)]
        case 64..<68: held[1] = held[0]
        case 68..<84: fixture.clocks.advance(milliseconds: UInt64.random(in: 1...6_000, using: &generator))
        case 84..<86: fixture.clocks.advance(seconds: UInt64.random(in: 10...40, using: &generator))
        case 86..<88: fixture.clocks.wallSeconds += Bool.random(using: &generator) ? 3_600 : 0
        case 88..<90: fixture.clocks.wallSeconds -= 3_600
        case 90..<94: sync()
        case 94..<97: force()
        case 97: revokeNow()
        case 98: present(0, as: .client("other"))
        case 99: presentForged()
        default: preconditionFailure("a draw below 100 was not")
        }
    }

    /// No two tokens are spelled alike.
    func checkTokens() {
        #expect(Set(tokens).count == tokens.count, "seed \(seed)")
    }

    private static func time(_ fixture: StoreFixture) -> SessionModel.Time {
        SessionModel.Time(milliseconds: fixture.clocks.serviceMilliseconds, seconds: fixture.clocks.storeSeconds)
    }

    private mutating func sync() {
        fixture.sync()
        model.becameDurable(at: Self.time(fixture))
    }

    private mutating func force() {
        // All four aims alike.
        let aim = ForcedRotationTests.aims(sessionID)[Int.random(in: 0..<4, using: &generator)]
        _ = fixture.force(aim)
        model.force()
    }

    private mutating func revokeNow() {
        guard Int.random(in: 0..<4, using: &generator) == 0 else { return }
        _ = fixture.revoke(ForcedRotationTests.aims(sessionID)[Int.random(in: 0..<4, using: &generator)])
        model.revoke()
    }

    /// Somebody refreshes with what it holds, and learns the answer, or does not.
    private mutating func refresh() {
        let holder = Int.random(in: 0..<10, using: &generator)
        let who = holder < 5 ? 0 : holder < 8 ? 1 : 2
        let learned = present(held[who], as: caller)
        if let learned, Int.random(in: 0..<5, using: &generator) > 0 {
            held[who] = learned
        }
    }

    /// A token with another tag: nobody learns anything from it, and the model does not hear of it.
    private mutating func presentForged() {
        var forged = tokens[Int.random(in: 0..<tokens.count, using: &generator)]
        // The last 21 characters hold nothing but the tag.
        let place = forged.count - 1 - Int.random(in: 0..<21, using: &generator)
        forged[place] = forged[place] == UInt8(ascii: "A") ? UInt8(ascii: "Q") : UInt8(ascii: "A")
        #expect(fixture.refresh(forged, caller: caller).refusal == .invalid, "seed \(seed)")
    }

    @discardableResult
    private mutating func present(_ number: Int, as caller: SessionCaller) -> Int? {
        let expected = model.refresh(
            number,
            as: caller,
            at: Self.time(fixture),
            isDurableAtOnce: isDurableAtOnce
        )
        let outcome = fixture.refresh(tokens[number], caller: caller)
        if case .rotated = expected, let granted = outcome.granted {
            tokens.append(granted.token)
        }
        #expect(answer(outcome) == expected, "seed \(seed), token \(number)")
        switch expected {
        case .rotated(let token), .sameSuccessor(let token), .unchanged(let token): return token
        case .refused: return nil
        }
    }

    private func answer(_ outcome: Outcome) -> SessionModel.Answer? {
        switch outcome {
        case .again: return nil
        case .refused(let rejection): return .refused(rejection.refusal)
        case .granted(let granted):
            guard let number = tokens.firstIndex(of: granted.token) else { return nil }
            switch granted.outcome {
            case .rotated: return .rotated(number)
            case .sameSuccessor: return .sameSuccessor(number)
            case .unchanged: return .unchanged(number)
            case .fastForward: return nil
            }
        }
    }
}
