import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

/// What a decision writes, on the scene of the decision's own tests.
@Suite struct RefreshChangeTests {
    typealias Scene = DecisionScene

    private func rotation(_ scene: Scene, _ decision: RefreshDecision = .rotate) throws -> SessionRotation {
        let change = decision.change(
            on: scene.token,
            session: scene.session,
            facts: scene.facts,
            policy: scene.policy,
            surroundings: scene.surroundings,
            accessTokenExpirySeconds: 1_300,
            now: scene.now
        )
        guard case .rotated(let rotation) = try #require(change) else {
            throw UnexpectedChange()
        }
        return rotation
    }

    private struct UnexpectedChange: Error {}

    @Test func aRotationMovesTheTokenOnByOneIntoTheStoresEpoch() throws {
        let rotation = try rotation(Scene())
        #expect(rotation.current == DecisionScene.generation(30, 6))
        #expect(rotation.previousEpoch == StoreEpoch(rawValue: 20))
        #expect(rotation.rotatedAtMilliseconds == 101_000)
        #expect(rotation.accessTokenExpirySeconds == 1_300)
        #expect(rotation.lastUsedSeconds == 1_000)
    }

    @Test func aFastForwardMakesTheAdoptedTokenThePreviousOne() throws {
        var scene = Scene()
        scene.token = DecisionScene.generation(25, 9)
        scene.session.graceUses = 1
        scene.session.hasGraceAnswer = true
        let rotation = try rotation(scene, .fastForward)
        #expect(rotation.current == DecisionScene.generation(30, 10))
        #expect(rotation.previousEpoch == StoreEpoch(rawValue: 25))
        #expect(rotation.graceStreak == 0)
    }

    @Test(arguments: [(1_000 as UInt32, 2_000 as UInt64), (1_999, 2_999), (2_000, 3_000), (2_001, 3_000)])
    func rotationExtendsIdleAndNeverBeyondAbsolute(idleSeconds: UInt32, expected: UInt64) throws {
        var scene = Scene()
        scene.policy.idleSeconds = idleSeconds
        #expect(try rotation(scene).idleExpirySeconds == expected)
    }

    @Test(arguments: [(0 as UInt16, 4 as UInt16, 0 as UInt16), (1, 4, 5), (3, .max, .max)])
    func aStreakGrowsWithEveryGenerationThatHadGrace(uses: UInt16, before: UInt16, after: UInt16) throws {
        var scene = Scene()
        scene.session.graceUses = uses
        scene.session.hasGraceAnswer = uses > 0
        scene.session.graceStreak = before
        #expect(try rotation(scene).graceStreak == after)
    }

    @Test func theContextThatRotatedIsTheSessionsFromThenOn() throws {
        var scene = Scene()
        scene.policy.context = .rotate
        scene.session.contextHash = DecisionScene.context("home")
        scene.facts.contextHash = DecisionScene.context("away")
        #expect(try rotation(scene).contextHash == DecisionScene.context("away"))
        scene.facts.contextHash = nil
        #expect(try rotation(scene).contextHash == nil)
    }

    struct Forced: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var before = ForcedRotation.none
        var mark: UInt64?
        var hasGraceAnswer = false
        var decision = RefreshDecision.rotate
        let after: ForcedRotation
    }

    static func lsn(_ number: UInt64) -> LogSequenceNumber {
        LogSequenceNumber(number)
    }

    @Test(arguments: [
        Forced(testDescription: "no mark", after: .none),
        Forced(testDescription: "a mark is met", mark: 60, after: ForcedRotation(markLSN: lsn(60), stage: .begun)),
        Forced(
            testDescription: "a generation begun under it passes quietly",
            before: ForcedRotation(markLSN: lsn(60), stage: .begun),
            mark: 60,
            after: ForcedRotation(markLSN: lsn(60), stage: .done)
        ),
        Forced(
            testDescription: "a generation begun under it had a grace answer",
            before: ForcedRotation(markLSN: lsn(60), stage: .begun),
            mark: 60,
            hasGraceAnswer: true,
            after: ForcedRotation(markLSN: lsn(60), stage: .begun)
        ),
        Forced(
            testDescription: "a newer mark begins anew",
            before: ForcedRotation(markLSN: lsn(60), stage: .begun),
            mark: 61,
            after: ForcedRotation(markLSN: lsn(61), stage: .begun)
        ),
        Forced(
            testDescription: "a mark that was swept is remembered",
            before: ForcedRotation(markLSN: lsn(60), stage: .begun),
            after: ForcedRotation(markLSN: lsn(60), stage: .done)
        ),
        Forced(
            testDescription: "an adopted generation was not begun under it",
            before: ForcedRotation(markLSN: lsn(60), stage: .begun),
            decision: .fastForward,
            after: ForcedRotation(markLSN: lsn(60), stage: .begun)
        ),
    ])
    func rotationsCarryAMarkOut(_ row: Forced) throws {
        var scene = Scene()
        scene.session.forcedRotation = row.before
        scene.session.hasGraceAnswer = row.hasGraceAnswer
        scene.surroundings.forcedMark = row.mark.map { LogSequenceNumber($0) }
        #expect(try rotation(scene, row.decision).forcedRotation == row.after)
    }

    @Test func uncountedRepetitionsAreWrittenOnce() {
        var scene = Scene()
        let change = { (scene: Scene) in
            RefreshDecision.repeatSuccessor(isCounted: false).change(
                on: scene.token,
                session: scene.session,
                facts: scene.facts,
                policy: scene.policy,
                surroundings: scene.surroundings,
                accessTokenExpirySeconds: 1_300,
                now: scene.now
            )
        }
        #expect(change(scene) == .graced(uses: 0, accessTokenExpirySeconds: 1_300))
        scene.session.hasGraceAnswer = true
        #expect(change(scene) == nil)
    }
}
