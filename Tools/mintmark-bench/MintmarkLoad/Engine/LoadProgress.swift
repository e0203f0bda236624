import NIOConcurrencyHelpers
import Synchronization

/// What threads tell of their run while it goes on, and the wish that it should end. Safe to use from any thread.
final class LoadProgress: Sendable {
    private let completedCount = Atomic<Int>(0)
    private let errorCount = Atomic<Int>(0)
    private let stopFlag = Atomic<Bool>(false)
    private let slices = NIOLockedValueBox<[IntervalSlice]>([])

    var completed: Int { completedCount.load(ordering: .relaxed) }
    var errors: Int { errorCount.load(ordering: .relaxed) }
    var isStopRequested: Bool { stopFlag.load(ordering: .relaxed) }

    func add(completed: Int, errors: Int) {
        completedCount.wrappingAdd(completed, ordering: .relaxed)
        if errors > 0 { errorCount.wrappingAdd(errors, ordering: .relaxed) }
    }

    /// Takes a second that one thread has done with.
    func add(_ slice: IntervalSlice) {
        slices.withLockedValue { $0.append(slice) }
    }

    /// All seconds that threads have done with.
    var intervals: [IntervalSlice] { slices.withLockedValue { $0 } }

    func requestStop() {
        stopFlag.store(true, ordering: .relaxed)
    }
}
