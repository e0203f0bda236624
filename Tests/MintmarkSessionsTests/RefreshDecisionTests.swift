import MintmarkSessions
import Testing

/// Every row of the decision, on a session at generation 5 of epoch 20 that was rotated out of generation 4 of epoch 10
/// at millisecond 100 000, now being millisecond 101 000.
@Suite struct RefreshDecisionTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let name: String
        let expected: RefreshDecision
        let change: @Sendable (inout Scene) -> Void

        init(_ name: String, _ expected: RefreshDecision, _ change: @escaping @Sendable (inout Scene) -> Void) {
            self.name = name
            self.expected = expected
            self.change = change
        }

        var testDescription: String { name }
    }

    struct Scene {
        var session: SessionState
        var token = generation(20, 5)
        var facts = RefreshFacts()
        var policy = ClientPolicy()
        var surroundings = RefreshSurroundings(storeEpoch: StoreEpoch(rawValue: 30))
        var serviceMilliseconds: UInt64 = 101_000
        var storeSeconds: UInt64 = 1_000

        init() {
            session = SessionState(
                opening: SessionID(high: 1, low: 2),
                epoch: StoreEpoch(rawValue: 20),
                createdSeconds: 900,
                idleExpirySeconds: 2_000,
                absoluteExpirySeconds: 3_000,
                rotatedAtMilliseconds: 100_000
            )
            session.openLSN = LogSequenceNumber(50)
            session.current = generation(20, 5)
            session.previousEpoch = StoreEpoch(rawValue: 10)
        }

        var decision: RefreshDecision {
            RefreshDecision.decide(
                on: token,
                session: session,
                facts: facts,
                policy: policy,
                surroundings: surroundings,
                now: now
            )
        }

        var now: SessionInstant {
            SessionInstant(
                serviceMilliseconds: serviceMilliseconds,
                storeSeconds: storeSeconds,
                wallSeconds: storeSeconds
            )
        }

        mutating func presentPrevious() { token = generation(10, 4) }
        mutating func presentAhead() { token = generation(20, 6) }
        mutating func presentOld() { token = generation(10, 3) }
    }

    static func generation(_ epoch: UInt64, _ number: UInt32) -> TokenGeneration {
        TokenGeneration(epoch: StoreEpoch(rawValue: epoch), number: number)
    }

    static func context(_ text: String) -> ContextHash {
        ContextHash(of: Array(text.utf8).span.bytes, in: SessionID(high: 1, low: 2))
    }

    @Test(arguments: dead + current + previous + ahead + old + late)
    func decides(_ row: Row) {
        var scene = Scene()
        row.change(&scene)
        #expect(scene.decision == row.expected)
    }

    static let dead: [Row] = [
        Row("revoked wins over everything", .refuse(.revoked)) {
            $0.session.revocation = .requested
            $0.facts.isOwnClient = false
            $0.storeSeconds = 5_000
        },
        Row("cut off wins over a foreign client", .refuse(.revoked)) {
            $0.surroundings.isCutOff = true
            $0.facts.isOwnClient = false
        },
        Row("a foreign client wins over expiry and reuse", .refuse(.clientMismatch)) {
            $0.facts.isOwnClient = false
            $0.storeSeconds = 5_000
            $0.presentOld()
        },
        Row("a foreign client, where the policy revokes", .revokeForeign) {
            $0.facts.isOwnClient = false
            $0.policy.clientMismatch = .revoke
        },
        Row("expired wins over reuse", .refuse(.expired)) {
            $0.storeSeconds = 2_000
            $0.presentOld()
        },
        Row("a second before idle expiry", .rotate) { $0.storeSeconds = 1_999 },
        Row("at idle expiry", .refuse(.expired)) { $0.storeSeconds = 2_000 },
        Row("a second after idle expiry", .refuse(.expired)) { $0.storeSeconds = 2_001 },
        Row("a second before absolute expiry", .rotate) {
            $0.session.idleExpirySeconds = 3_000
            $0.storeSeconds = 2_999
        },
        Row("at absolute expiry", .refuse(.expired)) {
            $0.session.idleExpirySeconds = 3_000
            $0.storeSeconds = 3_000
        },
    ]

    static let current: [Row] = [
        Row("always rotates", .rotate) { _ in },
        Row("never keeps", .keep(extendsIdle: false)) {
            $0.policy.rotation = .never
            $0.policy.idleSeconds = 1_000
        },
        Row("never, one second before a sixteenth of the idle period", .keep(extendsIdle: false)) {
            $0.policy.rotation = .never
            $0.policy.idleSeconds = 1_600
            $0.session.idleExpirySeconds = 2_501
        },
        Row("never, at a sixteenth of the idle period", .keep(extendsIdle: true)) {
            $0.policy.rotation = .never
            $0.policy.idleSeconds = 1_600
            $0.session.idleExpirySeconds = 2_500
        },
        Row("never, where the absolute expiry leaves nothing to extend", .keep(extendsIdle: false)) {
            $0.policy.rotation = .never
            $0.policy.idleSeconds = 2_000
            $0.session.idleExpirySeconds = 3_000
        },
        Row("periodic, a millisecond early", .keep(extendsIdle: false)) {
            $0.policy.rotation = .after(seconds: 1)
            $0.policy.idleSeconds = 1_000
            $0.serviceMilliseconds = 100_999
        },
        Row("periodic, in time", .rotate) { $0.policy.rotation = .after(seconds: 1) },
        Row("a fraction of the idle period, a millisecond early", .keep(extendsIdle: false)) {
            $0.policy.rotation = .afterFraction(0.5)
            $0.policy.idleSeconds = 1_000
            $0.serviceMilliseconds = 599_999
        },
        Row("a fraction of the idle period, in time", .rotate) {
            $0.policy.rotation = .afterFraction(0.5)
            $0.policy.idleSeconds = 1_000
            $0.serviceMilliseconds = 600_000
        },
        Row("forced by the session's own mark", .rotate) {
            $0.policy.rotation = .never
            $0.session.forcedRotation = ForcedRotation(markLSN: LogSequenceNumber(60), stage: .marked)
        },
        Row("forced, the current generation begun under the mark", .rotate) {
            $0.policy.rotation = .never
            $0.session.forcedRotation = ForcedRotation(markLSN: LogSequenceNumber(60), stage: .begun)
        },
        Row("forced by a mark of its subject", .rotate) {
            $0.policy.rotation = .never
            $0.surroundings.forcedMark = LogSequenceNumber(60)
        },
        Row("a mark that has been carried out forces nothing", .keep(extendsIdle: false)) {
            $0.policy.rotation = .never
            $0.policy.idleSeconds = 1_000
            $0.surroundings.forcedMark = LogSequenceNumber(60)
            $0.session.forcedRotation = ForcedRotation(markLSN: LogSequenceNumber(60), stage: .done)
        },
        Row("a newer mark forces again", .rotate) {
            $0.policy.rotation = .never
            $0.surroundings.forcedMark = LogSequenceNumber(61)
            $0.session.forcedRotation = ForcedRotation(markLSN: LogSequenceNumber(60), stage: .done)
        },
        Row("a changed context rotates, where it does", .rotate) {
            $0.policy.rotation = .never
            $0.policy.context = .rotate
            $0.facts.contextHash = context("other")
        },
        Row("an absent context is another than a present one", .rotate) {
            $0.policy.rotation = .never
            $0.policy.context = .rotate
            $0.session.contextHash = context("home")
        },
        Row("the same context does not rotate", .keep(extendsIdle: false)) {
            $0.policy.rotation = .never
            $0.policy.idleSeconds = 1_000
            $0.policy.context = .rotate
            $0.facts.contextHash = context("home")
            $0.session.contextHash = context("home")
        },
        Row("a changed context is ignored, where it is", .keep(extendsIdle: false)) {
            $0.policy.rotation = .never
            $0.policy.idleSeconds = 1_000
            $0.facts.contextHash = context("other")
        },
        Row("the greatest generation has no successor", .refuse(.expired)) {
            $0.session.current = generation(20, .max)
            $0.token = generation(20, .max)
        },
    ]

    static let previous: [Row] = [
        Row("inside the window", .repeatSuccessor(isCounted: true)) { $0.presentPrevious() },
        Row("a millisecond before the window's end", .repeatSuccessor(isCounted: true)) {
            $0.presentPrevious()
            $0.serviceMilliseconds = 109_999
        },
        Row("at the window's end", .reuse(.previousAfterWindow)) {
            $0.presentPrevious()
            $0.serviceMilliseconds = 110_000
        },
        Row("after the window", .reuse(.previousAfterWindow)) {
            $0.presentPrevious()
            $0.serviceMilliseconds = 110_001
        },
        Row("no window at all", .reuse(.previousAfterWindow)) {
            $0.presentPrevious()
            $0.policy.grace.windowMilliseconds = 0
            $0.serviceMilliseconds = 100_000
        },
        Row("the last use", .repeatSuccessor(isCounted: true)) {
            $0.presentPrevious()
            $0.session.graceUses = 15
        },
        Row("one use too many", .refuse(.graceExhausted)) {
            $0.presentPrevious()
            $0.session.graceUses = 16
        },
        Row("one use too many, after the window", .reuse(.previousAfterWindow)) {
            $0.presentPrevious()
            $0.session.graceUses = 16
            $0.serviceMilliseconds = 110_000
        },
        Row("no uses", .refuse(.graceExhausted)) {
            $0.presentPrevious()
            $0.policy.grace.uses = 0
        },
        Row("before the answer was released, however late and often", .repeatSuccessor(isCounted: false)) {
            $0.presentPrevious()
            $0.session.isRotationReleased = false
            $0.session.graceUses = 16
            $0.serviceMilliseconds = 9_000_000
        },
        Row("before the release, from another context", .refuse(.contextMismatch)) {
            $0.presentPrevious()
            $0.session.isRotationReleased = false
            $0.policy.context = .rotate
            $0.facts.contextHash = context("other")
        },
        Row("from another context than rotated", .refuse(.contextMismatch)) {
            $0.presentPrevious()
            $0.policy.context = .rotate
            $0.facts.contextHash = context("other")
        },
        Row("from the context that rotated", .repeatSuccessor(isCounted: true)) {
            $0.presentPrevious()
            $0.policy.context = .rotate
            $0.session.contextHash = context("home")
            $0.facts.contextHash = context("home")
        },
        Row("the last of a streak", .repeatSuccessor(isCounted: true)) {
            $0.presentPrevious()
            $0.policy.grace.streak = 3
            $0.session.graceStreak = 2
        },
        Row("beyond a streak", .reuse(.previousAfterWindow)) {
            $0.presentPrevious()
            $0.policy.grace.streak = 3
            $0.session.graceStreak = 3
        },
        Row("forced rotation or not, the previous is answered", .repeatSuccessor(isCounted: true)) {
            $0.presentPrevious()
            $0.surroundings.forcedMark = LogSequenceNumber(60)
        },
    ]

    static let ahead: [Row] = [
        Row("a later generation", .fastForward) { $0.presentAhead() },
        Row("a later epoch", .fastForward) { $0.token = generation(29, 1) },
        Row("rotates whatever the policy", .fastForward) {
            $0.presentAhead()
            $0.policy.rotation = .never
        },
        Row("of the store's epoch", .takeEpoch(above: StoreEpoch(rawValue: 30))) { $0.token = generation(30, 6) },
        Row("of an epoch after the store's", .takeEpoch(above: StoreEpoch(rawValue: 31))) {
            $0.token = generation(31, 6)
        },
        Row("refused before an epoch is taken for it", .refuse(.scopeExceeded)) {
            $0.token = generation(31, 6)
            $0.facts.isWithinTerms = false
        },
        Row("once the session was used since the start", .reuse(.olderGeneration)) {
            $0.presentAhead()
            $0.surroundings.isTouched = true
        },
        Row("of another epoch, once the session was used since the start", .reuse(.olderEpoch)) {
            $0.token = generation(29, 6)
            $0.surroundings.isTouched = true
        },
        Row("the greatest generation has no successor", .refuse(.expired)) { $0.token = generation(20, .max) },
    ]

    static let old: [Row] = [
        Row("two generations back, also inside the window", .reuse(.olderEpoch)) { $0.token = generation(10, 3) },
        Row("an older generation of the same epoch", .reuse(.olderGeneration)) { $0.token = generation(20, 4) },
        Row("an older epoch with a greater generation", .reuse(.olderEpoch)) { $0.token = generation(19, 99) },
        Row("reuse wins over everything that may refuse", .reuse(.olderEpoch)) {
            $0.presentOld()
            $0.facts.isWithinTerms = false
            $0.facts.accessTokenTTLSeconds = 9_999
            $0.policy.context = .refuse
            $0.facts.contextHash = context("other")
        },
    ]

    static let late: [Row] = [
        Row("scope or audience grown", .refuse(.scopeExceeded)) { $0.facts.isWithinTerms = false },
        Row("grown on a retry", .refuse(.scopeExceeded)) {
            $0.presentPrevious()
            $0.facts.isWithinTerms = false
        },
        Row("scope wins over context", .refuse(.scopeExceeded)) {
            $0.facts.isWithinTerms = false
            $0.policy.context = .refuse
            $0.facts.contextHash = context("other")
        },
        Row("another context, where it is refused", .refuse(.contextMismatch)) {
            $0.policy.context = .refuse
            $0.facts.contextHash = context("other")
        },
        Row("context wins over TTL", .refuse(.contextMismatch)) {
            $0.policy.context = .refuse
            $0.session.contextHash = context("home")
            $0.facts.accessTokenTTLSeconds = 301
        },
        Row("a TTL as long as the policy's", .rotate) { $0.facts.accessTokenTTLSeconds = 300 },
        Row("a TTL a second longer", .refuse(.accessTokenTTLTooLong)) { $0.facts.accessTokenTTLSeconds = 301 },
    ]
}
