import MintmarkCrypto
import MintmarkSessions
import Synchronization

/// A journal that takes nothing: for a store that is read and written down again, and serves nobody.
///
/// One atomic number; safe to share between threads.
final class FrozenJournal: SessionJournal {
    private let last = Atomic<UInt64>(0)

    /// Takes note of the last event that was read: copies of the store's parts carry it as their mark.
    func raise(to lsn: LogSequenceNumber) {
        last.max(lsn.rawValue, ordering: .sequentiallyConsistent)
    }

    func append(_ event: RawSpan, isAlwaysSynced: Bool) -> LogSequenceNumber? {
        nil
    }

    var lastLSN: LogSequenceNumber {
        LogSequenceNumber(last.load(ordering: .sequentiallyConsistent))
    }

    var durableLSN: LogSequenceNumber {
        lastLSN
    }

    var isWritable: Bool {
        false
    }

    /// Nothing ever advances.
    func onAdvance(_ observer: @escaping @Sendable (LogSequenceNumber, UInt64) -> Void) {}
}

extension SessionStore {
    /// An empty store to read into.
    static func scratch(
        tokenKeys: [RefreshTokenKey],
        epoch: StoreEpoch,
        journal: FrozenJournal,
        random: any RandomSource
    ) -> SessionStore {
        SessionStore(
            limits: SessionStoreLimits(),
            codec: RefreshTokenCodec(keys: tokenKeys),
            epoch: epoch,
            journal: journal,
            random: random
        )
    }
}
