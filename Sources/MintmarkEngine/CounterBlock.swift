import Synchronization

/// The counters of one event loop.
///
/// Only the owning loop adds; any thread may read. One writer needs no atomic read-modify-write, so adding costs a
/// load and a store.
package final class CounterBlock: Sendable {
    static let countersMax = 224

    private let values: InlineArray<224, Atomic<UInt64>>

    package init() {
        precondition(ServerCounter.all.allSatisfy { $0.counter.index < Self.countersMax }, "the block is too small")
        values = InlineArray { _ in Atomic(0) }
    }

    package func add(_ counter: ServerCounter, _ amount: UInt64 = 1) {
        let value = values[counter.index].load(ordering: .relaxed)
        values[counter.index].store(value &+ amount, ordering: .relaxed)
    }

    package func value(of counter: ServerCounter) -> UInt64 {
        values[counter.index].load(ordering: .relaxed)
    }
}
