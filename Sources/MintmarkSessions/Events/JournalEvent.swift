/// What a journal holds: events of the store, and what it tells of itself.
package enum JournalEvent: Equatable, Sendable {
    case session(SessionEvent)

    /// How far the clocks had come: nothing happened but time.
    case clock

    /// The first byte of ``clock``, which is all of it. The numbers 11 and 12 are reserved.
    package static let clockKind: UInt8 = 10

    /// Nil unless `bytes` are exactly one encoding of an event.
    package init?(decoding bytes: RawSpan) {
        if bytes.byteCount == 1, bytes.unsafeLoad(as: UInt8.self) == Self.clockKind {
            self = .clock
            return
        }
        guard let event = SessionEvent(decoding: bytes) else { return nil }
        self = .session(event)
    }

    /// Whether grace windows may be under way when an encoded event is written: it begins a generation, or a life of the
    /// store, into which windows of the one before may reach.
    package static func wantsClocks(_ bytes: RawSpan) -> Bool {
        guard bytes.byteCount > 0 else { return false }
        let kind = bytes.unsafeLoad(as: UInt8.self)
        return kind == SessionEvent.rotatedKind || kind == SessionEvent.epochTakenKind
    }

    /// Whether an encoded event is the revocation of everything of a target.
    package static func isCutOff(_ bytes: RawSpan) -> Bool {
        bytes.byteCount > 0 && bytes.unsafeLoad(as: UInt8.self) == SessionEvent.cutOffKind
    }
}
