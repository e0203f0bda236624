import NIOConcurrencyHelpers
import Synchronization

/// A shard behind its lock, with two numbers that are read without it.
final class SessionShardBox: Sendable {
    private let shard = NIOLockedValueBox(SessionShard())
    private let revoked = Atomic<Int>(0)
    private let unsettled = Atomic<Int>(0)

    /// Revoked sessions in the shard.
    var revokedCount: Int {
        revoked.load(ordering: .acquiring)
    }

    var hasUnsettled: Bool {
        unsettled.load(ordering: .acquiring) > 0
    }

    /// Steps the shard under its lock.
    func withLock<Result>(_ body: (inout SessionShard) -> Result) -> Result {
        shard.withLockedValue { shard in
            let result = body(&shard)
            if shard.revokedCount != revoked.load(ordering: .relaxed) {
                revoked.store(shard.revokedCount, ordering: .releasing)
            }
            if shard.unsettled.count != unsettled.load(ordering: .relaxed) {
                unsettled.store(shard.unsettled.count, ordering: .releasing)
            }
            return result
        }
    }
}
