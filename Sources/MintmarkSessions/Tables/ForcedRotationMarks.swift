package import MintmarkCrypto

/// The forced rotations of everything of a subject, of a client, and of all: which sessions have carried them out
/// stands in the sessions' records.
///
/// Shared between threads; locks as in ``CutOffTable``. Full means refuse: a mark goes by age alone.
package final class ForcedRotationMarks: Sendable {
    private struct Mark: Sendable {
        var lsn: LogSequenceNumber
        var storeSeconds: UInt64
    }

    private let table: TargetTable<Mark>

    package init(countMax: Int, random: some RandomSource) {
        table = TargetTable(countMax: countMax, random: random)
    }

    package var count: Int {
        table.entryCount
    }

    /// Makes every session of `target` that is open now rotate.
    package func mark(
        _ target: SessionTarget,
        storeSeconds: UInt64,
        journal: any SessionJournal
    ) -> SessionMutation {
        var result = SessionMutation.refused(.cutOffsFull)
        _ = table.update(target) { _ in
            guard let lsn = journal.append(.forced(target, storeSeconds: storeSeconds)) else {
                result = .refused(.storage)
                return nil
            }
            result = .done(lsn)
            return Mark(lsn: lsn, storeSeconds: storeSeconds)
        }
        return result
    }

    /// The newest mark that concerns a session opened at `openLSN`; nil when there is none.
    package func newest(
        subject: RawSpan,
        client: RawSpan,
        openLSN: LogSequenceNumber
    ) -> LogSequenceNumber? {
        var lsn = LogSequenceNumber.zero
        table.forEach(subject: subject, client: client) { lsn = max(lsn, $0.lsn) }
        return openLSN < lsn ? lsn : nil
    }

    /// Puts back a mark from a journal or snapshot. The bound does not apply.
    package func restore(_ target: SessionTarget, lsn: LogSequenceNumber, storeSeconds: UInt64) {
        let mark = Mark(lsn: lsn, storeSeconds: storeSeconds)
        _ = table.update(target, isBounded: false) { present in
            present.map { $0.lsn > lsn ? $0 : mark } ?? mark
        }
    }

    /// Removes the marks older than any session, in one step of ``sweepStepCount``.
    package func sweep(step: Int, storeSeconds: UInt64, retentionSeconds: UInt64) {
        table.sweep(stripe: step) { $0.storeSeconds + retentionSeconds <= storeSeconds }
    }

    package var sweepStepCount: Int {
        table.sweepCount
    }

    /// A copy of the entries, for a snapshot.
    package var entries: [(target: SessionTarget, lsn: LogSequenceNumber, storeSeconds: UInt64)] {
        copyEntries()
    }

    /// A copy of the entries; `betweenStripes` is called behind each part of the table, without a lock.
    package func copyEntries(
        betweenStripes: () -> Void = {}
    ) -> [(target: SessionTarget, lsn: LogSequenceNumber, storeSeconds: UInt64)] {
        table.copyEntries(betweenStripes: betweenStripes).map { ($0.target, $0.value.lsn, $0.value.storeSeconds) }
    }
}
