import MintmarkEngine
import NIOConcurrencyHelpers

/// An audit log that keeps its events, and can be written or not as the test says.
final class StepAudit: AuditTrail {
    private let state = NIOLockedValueBox(
        (events: [AuditEvent](), committed: [AuditEvent](), isWritable: true, isKept: true)
    )

    var events: [AuditEvent] { state.withLockedValue(\.events) }

    var isWritable: Bool {
        get { state.withLockedValue(\.isWritable) }
        set { state.withLockedValue { $0.isWritable = newValue } }
    }

    /// Whether the disk keeps what is committed.
    var isKept: Bool {
        get { state.withLockedValue(\.isKept) }
        set { state.withLockedValue { $0.isKept = newValue } }
    }

    /// What was about to be done.
    var committed: [AuditEvent] { state.withLockedValue(\.committed) }

    func commit(_ event: AuditEvent) -> Bool {
        state.withLockedValue { state in
            state.committed.append(event)
            return state.isKept
        }
    }

    func record(_ event: AuditEvent) {
        state.withLockedValue { $0.events.append(event) }
    }

    /// What was recorded since the last call.
    func take() -> [AuditEvent] {
        state.withLockedValue { state in
            defer { state.events.removeAll() }
            return state.events
        }
    }
}
