import MintmarkEngine

/// How many refusals are told: so many each second for each reason, so that nobody fills a disk with them and no kind of
/// them hides the others. The rest is counted. A value; the lock of the log guards it.
struct RefusalBudget {
    /// Refusals for one reason that are told each second.
    static let perSecondMax = 20

    private var second: UInt64 = 0
    /// Reasons are words of this program, never of callers: there are few.
    private var counts: [String: UInt64] = [:]

    /// Whether a refusal may be told, which counts it. What was left out of seconds that are over is asked for first.
    mutating func take(_ event: AuditEvent) -> Bool {
        let count = counts[event.reason ?? "", default: 0] + 1
        counts[event.reason ?? ""] = count
        return count <= Self.perSecondMax
    }

    /// Begins the second `now`, if it is another one; returns what tells of those that the one before left out.
    mutating func begin(second now: UInt64) -> [AuditEvent] {
        // Who has read the clock just before it went on, and comes just after, belongs to the second that has begun.
        guard now != second, now &+ 1 != second else {
            return []
        }
        defer { (second, counts) = (now, [:]) }
        return counts.filter { $0.value > Self.perSecondMax }.sorted { $0.key < $1.key }.map { reason, count in
            var event = AuditEvent(.refusalsLeftOut)
            event.reason = reason
            event.facts = [AuditEvent.Fact("count", count - UInt64(Self.perSecondMax))]
            return event
        }
    }

    /// Whether the second that was begun last had none.
    var isEmpty: Bool { counts.isEmpty }
}
