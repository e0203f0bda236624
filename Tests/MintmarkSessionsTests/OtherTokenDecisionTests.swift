import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

/// What a REFRESH with a token that is not current leads to: the one before, one ahead, an old one.
@Suite struct OtherTokenDecisionTests {
    @Test(arguments: previous + ahead + old)
    func decides(_ row: DecisionRow) {
        row.check()
    }

    static let previous: [DecisionRow] = [
        DecisionRow("inside the window", .repeatSuccessor(isCounted: true)) { $0.presentPrevious() },
        DecisionRow("a millisecond before the window's end", .repeatSuccessor(isCounted: true)) {
            $0.presentPrevious()
            $0.serviceMilliseconds = 109_999
        },
        DecisionRow("at the window's end", .reuse(.previousAfterWindow)) {
            $0.presentPrevious()
            $0.serviceMilliseconds = 110_000
        },
        DecisionRow("after the window", .reuse(.previousAfterWindow)) {
            $0.presentPrevious()
            $0.serviceMilliseconds = 110_001
        },
        DecisionRow("no window at all", .reuse(.previousAfterWindow)) {
            $0.presentPrevious()
            $0.policy.grace.windowMilliseconds = 0
            $0.serviceMilliseconds = 100_000
        },
        DecisionRow("the last use", .repeatSuccessor(isCounted: true)) {
            $0.presentPrevious()
            $0.session.graceUses = 15
        },
        DecisionRow("one use too many", .refuse(.graceExhausted)) {
            $0.presentPrevious()
            $0.session.graceUses = 16
        },
        DecisionRow("one use too many, after the window", .reuse(.previousAfterWindow)) {
            $0.presentPrevious()
            $0.session.graceUses = 16
            $0.serviceMilliseconds = 110_000
        },
        DecisionRow("no uses", .refuse(.graceExhausted)) {
            $0.presentPrevious()
            $0.policy.grace.uses = 0
        },
        DecisionRow("before the answer was released, however late and often", .repeatSuccessor(isCounted: false)) {
            $0.presentPrevious()
            $0.session.isRotationReleased = false
            $0.session.graceUses = 16
            $0.serviceMilliseconds = 9_000_000
        },
        DecisionRow("before the release, from another context", .refuse(.contextMismatch)) {
            $0.presentPrevious()
            $0.session.isRotationReleased = false
            $0.policy.context = .rotate
            $0.facts.contextHash = DecisionScene.context("other")
        },
        DecisionRow("from another context than rotated", .refuse(.contextMismatch)) {
            $0.presentPrevious()
            $0.policy.context = .rotate
            $0.facts.contextHash = DecisionScene.context("other")
        },
        DecisionRow("from the context that rotated", .repeatSuccessor(isCounted: true)) {
            $0.presentPrevious()
            $0.policy.context = .rotate
            $0.session.contextHash = DecisionScene.context("home")
            $0.facts.contextHash = DecisionScene.context("home")
        },
        DecisionRow("the last of a streak", .repeatSuccessor(isCounted: true)) {
            $0.presentPrevious()
            $0.policy.grace.streak = 3
            $0.session.graceStreak = 2
        },
        DecisionRow("beyond a streak", .reuse(.previousAfterWindow)) {
            $0.presentPrevious()
            $0.policy.grace.streak = 3
            $0.session.graceStreak = 3
        },
        DecisionRow("forced rotation or not, the previous is answered", .repeatSuccessor(isCounted: true)) {
            $0.presentPrevious()
            $0.surroundings.forcedMark = LogSequenceNumber(60)
        },
    ]

    static let ahead: [DecisionRow] = [
        DecisionRow("a later generation", .fastForward) { $0.presentAhead() },
        DecisionRow("a later epoch", .fastForward) { $0.token = DecisionScene.generation(29, 1) },
        DecisionRow("rotates whatever the policy", .fastForward) {
            $0.presentAhead()
            $0.policy.rotation = .never
        },
        DecisionRow("of the store's epoch", .takeEpoch(above: StoreEpoch(rawValue: 30))) {
            $0.token = DecisionScene.generation(30, 6)
        },
        DecisionRow("of an epoch after the store's", .takeEpoch(above: StoreEpoch(rawValue: 31))) {
            $0.token = DecisionScene.generation(31, 6)
        },
        DecisionRow("refused before an epoch is taken for it", .refuse(.scopeExceeded)) {
            $0.token = DecisionScene.generation(31, 6)
            $0.facts.isWithinTerms = false
        },
        DecisionRow("once the session was used since the start", .reuse(.olderGeneration)) {
            $0.presentAhead()
            $0.surroundings.isTouched = true
        },
        DecisionRow("of another epoch, once the session was used since the start", .reuse(.olderEpoch)) {
            $0.token = DecisionScene.generation(29, 6)
            $0.surroundings.isTouched = true
        },
        DecisionRow("the greatest generation has no successor", .refuse(.expired)) {
            $0.token = DecisionScene.generation(20, .max)
        },
    ]

    static let old: [DecisionRow] = [
        DecisionRow("two generations back, also inside the window", .reuse(.olderEpoch)) {
            $0.token = DecisionScene.generation(10, 3)
        },
        DecisionRow("an older generation of the same epoch", .reuse(.olderGeneration)) {
            $0.token = DecisionScene.generation(20, 4)
        },
        DecisionRow("an older epoch with a greater generation", .reuse(.olderEpoch)) {
            $0.token = DecisionScene.generation(19, 99)
        },
        DecisionRow("reuse wins over everything that may refuse", .reuse(.olderEpoch)) {
            $0.presentOld()
            $0.facts.isWithinTerms = false
            $0.facts.accessTokenTTLSeconds = 9_999
            $0.policy.context = .refuse
            $0.facts.contextHash = DecisionScene.context("other")
        },
    ]
}
