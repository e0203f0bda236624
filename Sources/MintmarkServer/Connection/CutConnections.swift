/// Connections that were cut at the end of a drain, and what their peers had not got by then.
struct CutConnections: Sendable, Equatable {
    var count = 0
    /// Requests whose answers waited for the disk: whoever asked does not know their outcome.
    var unansweredRequests = 0
    /// Of answers and last words that the system had not taken.
    var unsentBytes = 0

    var isLossless: Bool { unansweredRequests == 0 && unsentBytes == 0 }

    static func + (one: CutConnections, other: CutConnections) -> CutConnections {
        CutConnections(
            count: one.count + other.count,
            unansweredRequests: one.unansweredRequests + other.unansweredRequests,
            unsentBytes: one.unsentBytes + other.unsentBytes
        )
    }
}

extension Connection {
    /// What the peer would lose if the connection were cut now.
    var asCut: CutConnections {
        CutConnections(
            count: 1,
            unansweredRequests: machine.parkedCount,
            unsentBytes: transport?.unsentCount ?? 0
        )
    }
}
