import MintmarkCrypto
import NIOConcurrencyHelpers
import Synchronization

/// The store's epoch, and the next one while it is not yet durable.
///
/// Shared between threads. Its lock is never held together with another.
final class EpochKeeper: Sendable {
    private struct Pending: Sendable {
        let epoch: StoreEpoch
        let lsn: LogSequenceNumber
    }

    private let epoch: Synchronization.Atomic<UInt64>
    /// The greatest that was about to be taken. Said before its event is appended: a snapshot whose journal begins behind
    /// that event has to know it.
    private let announced: Synchronization.Atomic<UInt64>
    private let pending = NIOLockedValueBox<Pending?>(nil)

    init(_ epoch: StoreEpoch) {
        self.epoch = Synchronization.Atomic(epoch.rawValue)
        announced = Synchronization.Atomic(epoch.rawValue)
    }

    var current: StoreEpoch {
        StoreEpoch(rawValue: epoch.load(ordering: .acquiring))
    }

    /// The greatest epoch that may have been taken, whether it is durable already or not.
    var greatest: StoreEpoch {
        max(StoreEpoch(rawValue: announced.load(ordering: .sequentiallyConsistent)), current)
    }

    /// Takes note of an epoch that recovery met.
    func raise(to epoch: StoreEpoch) {
        self.epoch.max(epoch.rawValue, ordering: .acquiringAndReleasing)
    }

    /// Makes the store mint with an epoch above `least`, and gives the number that must be durable before it does. Nil
    /// when the journal cannot be written to, or when there is no greater epoch.
    func take(
        above least: StoreEpoch,
        wallSeconds: UInt64,
        random: any RandomSource,
        journal: any SessionJournal
    ) -> LogSequenceNumber? {
        publish(upTo: journal.durableLSN)
        if current > least {
            return .zero
        }
        if let lsn = pending.withLockedValue({ $0.flatMap { $0.epoch > least ? $0.lsn : nil } }) {
            return lsn
        }
        // Two threads may come here at once and both take one; the greater wins.
        let next = StoreEpoch.next(after: least, wallMilliseconds: wallSeconds * 1_000, random: random)
        guard let next else { return nil }
        announced.max(next.rawValue, ordering: .sequentiallyConsistent)
        guard let lsn = journal.append(.epochTaken(next)) else { return nil }
        pending.withLockedValue { pending in
            guard next > pending?.epoch ?? least else { return }
            pending = Pending(epoch: next, lsn: lsn)
        }
        publish(upTo: journal.durableLSN)
        return lsn
    }

    /// Lets the pending epoch be minted with if it is durable.
    func publish(upTo durable: LogSequenceNumber) {
        let ready = pending.withLockedValue { pending -> StoreEpoch? in
            guard let next = pending, next.lsn <= durable else { return nil }
            pending = nil
            return next.epoch
        }
        if let ready {
            raise(to: ready)
        }
    }
}
