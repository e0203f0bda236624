import MintmarkSessions
import NIOConcurrencyHelpers

/// A journal whose events become durable on command, and that fails on command. Lock-guarded.
final class StepJournal: SessionJournal {
    private struct State {
        var last = LogSequenceNumber.zero
        var durable = LogSequenceNumber.zero
        var isDurableAtOnce = true
        var isWritable = true
        var beforeAppend: (@Sendable () -> Void)?
    }

    private let state = NIOLockedValueBox(State())

    var lastLSN: LogSequenceNumber { state.withLockedValue(\.last) }
    var durableLSN: LogSequenceNumber { state.withLockedValue { $0.isDurableAtOnce ? $0.last : $0.durable } }

    var isWritable: Bool {
        get { state.withLockedValue(\.isWritable) }
        set { state.withLockedValue { $0.isWritable = newValue } }
    }

    /// Called once, when the next event is about to get its number.
    func beforeNextAppend(_ action: @escaping @Sendable () -> Void) {
        state.withLockedValue { $0.beforeAppend = action }
    }

    /// From here on nothing is durable before `release()`.
    func hold() {
        state.withLockedValue { state in
            state.isDurableAtOnce = false
            state.durable = state.last
        }
    }

    func release() {
        state.withLockedValue { $0.durable = $0.last }
    }

    func append(_ event: RawSpan, isAlwaysSynced: Bool) -> LogSequenceNumber? {
        let action = state.withLockedValue { state in
            defer { state.beforeAppend = nil }
            return state.beforeAppend
        }
        action?()
        return state.withLockedValue { state in
            guard state.isWritable else { return nil }
            state.last = state.last.next
            return state.last
        }
    }

    func onAdvance(_ observer: @escaping @Sendable (LogSequenceNumber, UInt64) -> Void) {}
}
