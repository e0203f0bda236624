import MintmarkSessions
import NIOConcurrencyHelpers

/// Passes everything on to a journal, and remembers what was appended and what was refused.
///
/// One lock, held while an event is appended, so that what is remembered is in the order of the numbers.
final class RecordingJournal: SessionJournal {
    struct Entry: Sendable {
        let lsn: LogSequenceNumber
        let event: SessionEvent
    }

    private struct State {
        var entries: [Entry] = []
        var refused: [SessionEvent] = []
    }

    private let journal: any SessionJournal
    private let bug: SeededBug?
    private let state = NIOLockedValueBox(State())

    init(_ journal: any SessionJournal, bug: SeededBug? = nil) {
        self.journal = journal
        self.bug = bug
    }

    /// All that have a number, in its order.
    var entries: [Entry] {
        state.withLockedValue(\.entries)
    }

    /// Those that the journal did not take. What they say may hold in memory all the same.
    var refused: [SessionEvent] {
        state.withLockedValue(\.refused)
    }

    func append(_ bytes: RawSpan, isAlwaysSynced: Bool) -> LogSequenceNumber? {
        guard let event = SessionEvent(decoding: bytes) else { preconditionFailure("an event that cannot be read") }
        return state.withLockedValue { state in
            guard let lsn = journal.append(bytes, isAlwaysSynced: isAlwaysSynced) else {
                state.refused.append(event)
                return bug == .applyAfterFailedAppend ? journal.durableLSN : nil
            }
            state.entries.append(Entry(lsn: lsn, event: event))
            return lsn
        }
    }

    var lastLSN: LogSequenceNumber { journal.lastLSN }

    var durableLSN: LogSequenceNumber { journal.durableLSN }

    var isWritable: Bool { bug == .applyAfterFailedAppend || journal.isWritable }

    func onAdvance(_ observer: @escaping @Sendable (LogSequenceNumber, UInt64) -> Void) {
        journal.onAdvance(observer)
    }
}
