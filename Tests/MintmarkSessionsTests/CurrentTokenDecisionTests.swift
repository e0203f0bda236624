import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

/// What a REFRESH with the current token leads to.
@Suite struct CurrentTokenDecisionTests {
    @Test(arguments: current)
    func decides(_ row: DecisionRow) {
        row.check()
    }

    static let current: [DecisionRow] = [
        DecisionRow("always rotates", .rotate) { _ in },
        DecisionRow("never keeps", .keep(changesIdle: false)) {
            $0.policy.rotation = .never
            $0.policy.idleSeconds = 1_000
        },
        DecisionRow("never, where the idle period was made shorter", .keep(changesIdle: true)) {
            $0.policy.rotation = .never
            $0.policy.idleSeconds = 1_600
            $0.session.idleExpirySeconds = 2_601
        },
        DecisionRow("never, where it ends as it did", .keep(changesIdle: false)) {
            $0.policy.rotation = .never
            $0.policy.idleSeconds = 1_600
            $0.session.idleExpirySeconds = 2_600
        },
        DecisionRow("never, one second before a sixteenth of the idle period", .keep(changesIdle: false)) {
            $0.policy.rotation = .never
            $0.policy.idleSeconds = 1_600
            $0.session.idleExpirySeconds = 2_501
        },
        DecisionRow("never, at a sixteenth of the idle period", .keep(changesIdle: true)) {
            $0.policy.rotation = .never
            $0.policy.idleSeconds = 1_600
            $0.session.idleExpirySeconds = 2_500
        },
        DecisionRow("never, where the absolute expiry leaves nothing to extend", .keep(changesIdle: false)) {
            $0.policy.rotation = .never
            $0.policy.idleSeconds = 2_000
            $0.session.idleExpirySeconds = 3_000
        },
        DecisionRow("periodic, a millisecond early", .keep(changesIdle: false)) {
            $0.policy.rotation = .after(seconds: 1)
            $0.policy.idleSeconds = 1_000
            $0.serviceMilliseconds = 100_999
        },
        DecisionRow("periodic, in time", .rotate) { $0.policy.rotation = .after(seconds: 1) },
        DecisionRow("a fraction of the idle period, a millisecond early", .keep(changesIdle: false)) {
            $0.policy.rotation = .afterFraction(0.5)
            $0.policy.idleSeconds = 1_000
            $0.serviceMilliseconds = 599_999
        },
        DecisionRow("a fraction of the idle period, in time", .rotate) {
            $0.policy.rotation = .afterFraction(0.5)
            $0.policy.idleSeconds = 1_000
            $0.serviceMilliseconds = 600_000
        },
        DecisionRow("forced by the session's own mark", .rotate) {
            $0.policy.rotation = .never
            $0.session.forcedRotation = ForcedRotation(markLSN: LogSequenceNumber(60), stage: .marked)
        },
        DecisionRow("forced, the current generation begun under the mark", .rotate) {
            $0.policy.rotation = .never
            $0.session.forcedRotation = ForcedRotation(markLSN: LogSequenceNumber(60), stage: .begun)
        },
        DecisionRow("forced by a mark of its subject", .rotate) {
            $0.policy.rotation = .never
            $0.surroundings.forcedMark = LogSequenceNumber(60)
        },
        DecisionRow("a mark that has been carried out forces nothing", .keep(changesIdle: false)) {
            $0.policy.rotation = .never
            $0.policy.idleSeconds = 1_000
            $0.surroundings.forcedMark = LogSequenceNumber(60)
            $0.session.forcedRotation = ForcedRotation(markLSN: LogSequenceNumber(60), stage: .done)
        },
        DecisionRow("a newer mark forces again", .rotate) {
            $0.policy.rotation = .never
            $0.surroundings.forcedMark = LogSequenceNumber(61)
            $0.session.forcedRotation = ForcedRotation(markLSN: LogSequenceNumber(60), stage: .done)
        },
        DecisionRow("a changed context rotates, where it does", .rotate) {
            $0.policy.rotation = .never
            $0.policy.context = .rotate
            $0.facts.contextHash = DecisionScene.context("other")
        },
        DecisionRow("an absent context is another than a present one", .rotate) {
            $0.policy.rotation = .never
            $0.policy.context = .rotate
            $0.session.contextHash = DecisionScene.context("home")
        },
        DecisionRow("the same context does not rotate", .keep(changesIdle: false)) {
            $0.policy.rotation = .never
            $0.policy.idleSeconds = 1_000
            $0.policy.context = .rotate
            $0.facts.contextHash = DecisionScene.context("home")
            $0.session.contextHash = DecisionScene.context("home")
        },
        DecisionRow("a changed context is ignored, where it is", .keep(changesIdle: false)) {
            $0.policy.rotation = .never
            $0.policy.idleSeconds = 1_000
            $0.facts.contextHash = DecisionScene.context("other")
        },
        DecisionRow("the greatest generation has no successor", .refuse(.expired)) {
            $0.session.current = DecisionScene.generation(20, .max)
            $0.token = DecisionScene.generation(20, .max)
        },
    ]
}
