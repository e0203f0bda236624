import MintmarkEngine
import NIOConcurrencyHelpers

/// Numbers the snapshots that are asked for and takes none. Lock-guarded.
final class StepSnapshots: SnapshotRequests {
    private let last = NIOLockedValueBox(SnapshotNumber.zero)

    var requestedCount: UInt64 { last.withLockedValue(\.rawValue) }

    func request() -> SnapshotNumber {
        last.withLockedValue { last in
            last = last.next
            return last
        }
    }

    var progress: SnapshotProgress { SnapshotProgress() }
}
