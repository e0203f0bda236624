import MintmarkStorage
import NIOConcurrencyHelpers
import Testing

@testable import MintmarkServer

/// The end of a stop that does not end.
@Suite(.timeLimit(.minutes(10))) struct StopDeadlineTests {
    private static let soon = StopDeadline.Times(
        whole: .milliseconds(1),
        afterStep: .milliseconds(1),
        look: .milliseconds(1)
    )
    private static let late = StopDeadline.Times(
        whole: .seconds(3_600),
        afterStep: .seconds(3_600),
        look: .seconds(3_600)
    )

    @Test func aStopThatDoesNotEndIsEnded() async {
        await withCheckedContinuation { continuation in
            StopDeadline().begin(Self.soon, progress: { 0 }, end: { continuation.resume() })
        }
    }

    /// The time is over long before the steps are.
    @Test func aStopThatGetsOnIsEndedWhenItDoesNotAnyMore() async {
        let left = NIOLockedValueBox(20)
        let steps = NIOLockedValueBox(0)
        await withCheckedContinuation { continuation in
            StopDeadline().begin(
                Self.soon,
                progress: {
                    left.withLockedValue { left in
                        left = max(0, left - 1)
                        return UInt64(left)
                    }
                },
                gotOn: { steps.withLockedValue { $0 += 1 } },
                end: { continuation.resume() }
            )
        }
        #expect(steps.withLockedValue { $0 } == 19)
    }

    /// As a log that nobody reads.
    @Test func lastWordsThatNobodyTakesHoldNothingUp() {
        let never = WakeSignal()
        StopDeadline.sayLastWords(within: 1) { never.wait(untilMilliseconds: .max) }
        never.raise()
    }

    @Test func lastWordsAreSaidFirst() {
        let isSaid = NIOLockedValueBox(false)
        StopDeadline.sayLastWords(within: .max / 2) { isSaid.withLockedValue { $0 = true } }
        #expect(isSaid.withLockedValue { $0 })
    }

    /// Also where the stop was over before the count began.
    @Test(arguments: [false, true])
    func aStopThatIsOverIsLeftAlone(isOverBefore: Bool) async {
        let (ends, ended) = AsyncStream.makeStream(of: Void.self)
        let deadline = StopDeadline()
        if isOverBefore { deadline.meet() }
        deadline.begin(
            Self.late,
            progress: { 0 },
            end: { [guardian = Guardian { ended.finish() }] in
                withExtendedLifetime(guardian) {}
                ended.yield()
            }
        )
        if !isOverBefore { deadline.meet() }
        // Finishes when the thread has let go of what it would have called.
        for await _ in ends { Issue.record("a stop that was over was ended") }
    }
}

/// Tells when nobody holds it any more.
private final class Guardian: Sendable {
    private let gone: @Sendable () -> Void

    init(_ gone: @escaping @Sendable () -> Void) {
        self.gone = gone
    }

    deinit {
        gone()
    }
}
