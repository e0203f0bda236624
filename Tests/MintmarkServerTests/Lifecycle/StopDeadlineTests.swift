import NIOConcurrencyHelpers
import Testing

@testable import MintmarkServer

/// The end of a stop that does not end.
@Suite struct StopDeadlineTests {
    @Test func aStopThatDoesNotEndIsEnded() async {
        await withCheckedContinuation { continuation in
            StopDeadline().begin(in: .milliseconds(1)) { continuation.resume() }
        }
    }

    /// Also where the stop was over before the count began.
    @Test(arguments: [false, true])
    func aStopThatIsOverIsLeftAlone(isOverBefore: Bool) async {
        let (ends, ended) = AsyncStream.makeStream(of: Void.self)
        let guardian = Guardian { ended.finish() }
        let deadline = StopDeadline()
        if isOverBefore { deadline.meet() }
        deadline.begin(in: .seconds(3_600)) { [guardian] in
            withExtendedLifetime(guardian) {}
            ended.yield()
        }
        if !isOverBefore { deadline.meet() }
        withExtendedLifetime(guardian) {}
        _ = consume guardian
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
