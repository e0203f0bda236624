/// How a revocation or a forced rotation ended.
package enum SessionMutation: Equatable, Sendable {
    /// It holds, and may be answered once everything up to this number is durable. ``LogSequenceNumber/zero``: there
    /// was nothing to do.
    case done(LogSequenceNumber)

    case refused(SessionRefusal)
}

extension SessionJournal {
    /// Encodes and appends an event that is too rare for a buffer of its own.
    func append(_ event: SessionEvent) -> LogSequenceNumber? {
        var bytes: [UInt8] = []
        event.encode(appendingTo: &bytes)
        return append(bytes.span.bytes, isAlwaysSynced: event.isAlwaysSynced)
    }
}
