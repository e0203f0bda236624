import MintmarkAdmin
import NIOConcurrencyHelpers

/// A server that is what the test says.
struct FakeSource: AdminSource {
    var isAlive = true
    var readinessReasons: [String] = []
    var snapshot = StatusSnapshot()
    /// What becomes of the snapshot each time it is read.
    var change: @Sendable (inout StatusSnapshot) -> Void = { _ in }
    var families: [MetricFamily] = []
    var keys = KeySet(json: Array(#"{"keys":[]}"#.utf8), tag: "abc", cacheSeconds: 3_600)

    var decision = TokenDecision.unavailable
    var onQuestion: @Sendable (TokenQuestion) -> Void = { _ in }

    /// Is waited for by each question whether the loops answer.
    var onProbe: @Sendable () async -> Void = {}

    func loopsAnswer() async -> Bool {
        await onProbe()
        return isAlive
    }

    func metrics() -> [MetricFamily] { families }
    func keySet() -> KeySet { keys }

    func status() -> StatusSnapshot {
        var snapshot = snapshot
        change(&snapshot)
        return snapshot
    }

    func judge(_ question: TokenQuestion) -> TokenDecision {
        onQuestion(question)
        return decision
    }
}

/// Seven seconds later each time it is asked.
final class SteppingClock: Sendable {
    private let nanoseconds: NIOLockedValueBox<UInt64>

    init(_ start: UInt64) {
        nanoseconds = NIOLockedValueBox(start)
    }

    func next() -> UInt64 {
        nanoseconds.withLockedValue { now in
            now += 7_000_000_000
            return now
        }
    }
}
