import MintmarkSessions
import MintmarkSessionsTestSupport
import NIOConcurrencyHelpers

/// A journal that keeps every event, is durable on command and fails on command.
final class TestJournal: SessionJournal {
    struct Entry: Equatable, Sendable {
        let lsn: LogSequenceNumber
        let bytes: [UInt8]
        let isAlwaysSynced: Bool

        var event: SessionEvent? {
            SessionEvent(decoding: bytes.span.bytes)
        }
    }

    private struct State {
        var entries: [Entry] = []
        var last = LogSequenceNumber.zero
        var durable = LogSequenceNumber.zero
        var isWritable = true
        /// How many appends succeed before one fails; nil: none fails.
        var appendsBeforeFailure: Int?
        let isDurableAtOnce: Bool
        let keepsEntries: Bool
    }

    private let state: NIOLockedValueBox<State>

    init(isDurableAtOnce: Bool = true, keepsEntries: Bool = true) {
        state = NIOLockedValueBox(State(isDurableAtOnce: isDurableAtOnce, keepsEntries: keepsEntries))
    }

    var entries: [Entry] {
        state.withLockedValue { $0.entries }
    }

    var events: [SessionEvent?] {
        entries.map(\.event)
    }

    var lastLSN: LogSequenceNumber {
        state.withLockedValue { $0.last }
    }

    var durableLSN: LogSequenceNumber {
        state.withLockedValue { $0.durable }
    }

    var isWritable: Bool {
        get { state.withLockedValue { $0.isWritable } }
        set { state.withLockedValue { $0.isWritable = newValue } }
    }

    /// The journal says that it is writable, and an append fails all the same: the next, or one after some more.
    func failAppend(after successes: Int = 0) {
        state.withLockedValue { $0.appendsBeforeFailure = successes }
    }

    func append(_ event: RawSpan, isAlwaysSynced: Bool) -> LogSequenceNumber? {
        let bytes = event.withUnsafeBytes { Array($0) }
        return state.withLockedValue { state in
            guard state.isWritable, state.appendsBeforeFailure != 0 else {
                state.appendsBeforeFailure = nil
                return nil
            }
            state.appendsBeforeFailure = state.appendsBeforeFailure.map { $0 - 1 }
            state.last = state.last.next
            if state.keepsEntries {
                state.entries.append(Entry(lsn: state.last, bytes: bytes, isAlwaysSynced: isAlwaysSynced))
            }
            if state.isDurableAtOnce {
                state.durable = state.last
            }
            return state.last
        }
    }

    /// Makes everything so far durable.
    func sync() {
        state.withLockedValue { $0.durable = $0.last }
    }

    func onAdvance(_ observer: @escaping @Sendable (LogSequenceNumber, UInt64) -> Void) {}
}
