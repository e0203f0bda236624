import MintmarkEngine
import NIOConcurrencyHelpers

/// An audit log that keeps its events, and can be written or not as the test says.
final class StepAudit: AuditTrail {
    private let state = NIOLockedValueBox((events: [AuditEvent](), isWritable: true))

    var events: [AuditEvent] { state.withLockedValue(\.events) }

    var isWritable: Bool {
        get { state.withLockedValue(\.isWritable) }
        set { state.withLockedValue { $0.isWritable = newValue } }
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
