import MintmarkEngine
import NIOConcurrencyHelpers

/// An audit log that keeps its events.
final class AuditRecorder: AuditTrail {
    private let recorded = NIOLockedValueBox<[AuditEvent]>([])

    var events: [AuditEvent] { recorded.withLockedValue { $0 } }
    var isWritable: Bool { true }

    func commit(_ event: AuditEvent) -> Bool { true }

    func record(_ event: AuditEvent) {
        recorded.withLockedValue { $0.append(event) }
    }
}
