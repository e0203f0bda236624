package import MintmarkSessions
package import MintmarkWire
import NIOConcurrencyHelpers

/// What the server counts and measures: the counters of all event loops, and gauges read when somebody asks.
///
/// Lock-guarded; meant for registration at start and for readers, never for the path of a request.
package final class ServerStatistics: Sendable {
    package struct Gauge: Sendable {
        package var name: String
        package var read: @Sendable () -> UInt64

        package init(name: String, read: @escaping @Sendable () -> UInt64) {
            self.name = name
            self.read = read
        }
    }

    private struct State {
        var blocks: [CounterBlock] = []
        var gauges: [Gauge] = []
        var durations: [RequestDurations] = []
    }

    private let state = NIOLockedValueBox(State())

    package init() {}

    /// A block for one more event loop.
    package func makeBlock() -> CounterBlock {
        let block = CounterBlock()
        state.withLockedValue { $0.blocks.append(block) }
        return block
    }

    /// Histograms for one more event loop.
    func makeDurations() -> RequestDurations {
        let durations = RequestDurations()
        state.withLockedValue { $0.durations.append(durations) }
        return durations
    }

    /// How long requests of a kind took, over all loops.
    package func durations(of kind: Kind) -> DurationCounts {
        let durations = state.withLockedValue { $0.durations }
        return durations.reduce(into: DurationCounts()) { $0.add($1.counts(of: kind)) }
    }

    /// How many requests took no longer, over all kinds and loops; see ``DurationHistogram/count(withinMicroseconds:)``.
    package func durationCount(withinMicroseconds bound: UInt64) -> UInt64 {
        let durations = state.withLockedValue { $0.durations }
        return durations.reduce(0) { $0 &+ $1.count(withinMicroseconds: bound) }
    }

    package func register(_ gauge: Gauge) {
        state.withLockedValue { $0.gauges.append(gauge) }
    }

    /// The counters of now, summed over the loops.
    package func totals() -> CounterTotals {
        let blocks = state.withLockedValue { $0.blocks }
        return CounterTotals(
            (0..<CounterBlock.countersMax).map { index in
                let counter = ServerCounter(index: index)
                return blocks.reduce(0) { $0 &+ $1.value(of: counter) }
            }
        )
    }

    /// Every counter summed over the loops, and every gauge, by name; in a fixed order.
    package func read() -> [(name: String, value: UInt64)] {
        let (blocks, gauges) = state.withLockedValue { ($0.blocks, $0.gauges) }
        let counters = ServerCounter.all.map { counter, name in
            (name: name, value: blocks.reduce(0) { $0 &+ $1.value(of: counter) })
        }
        return counters + gauges.map { (name: $0.name, value: $0.read()) }
    }
}

/// What all counters stood at in one moment. Immutable.
package struct CounterTotals: Sendable {
    private let values: [UInt64]

    init(_ values: [UInt64]) {
        self.values = values
    }

    package subscript(counter: ServerCounter) -> UInt64 { values[counter.index] }
}
