/// An open connection, as the pool sees it.
struct PoolMember: Sendable {
    let id: ConnectionID
    /// How many requests may be unanswered.
    let inFlightMax: Int
    /// How many requests are unanswered.
    var inFlight = 0
    /// Whether the socket takes more bytes.
    var isWritable = true
    /// Whether any request was answered.
    var hasAnswered = false

    init(id: ConnectionID, inFlightMax: Int) {
        self.id = id
        self.inFlightMax = inFlightMax
    }

    var hasRoom: Bool { isWritable && inFlight < inFlightMax }
}
