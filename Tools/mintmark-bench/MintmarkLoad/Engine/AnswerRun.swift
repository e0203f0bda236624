/// Right answers one behind the other to requests that were due and sent at the same instants, as all are that took the
/// places of the answers of one read: recorded at once, they cost a fraction.
struct AnswerRun {
    /// The first of them.
    private(set) var request = RequestInFlight(requestID: 0, operation: .ping, item: 0, dueAt: 0, sentAt: 0)
    var count = 0
    /// The bytes of their frames.
    private(set) var answerBytes = 0

    init() {}

    init(_ request: RequestInFlight, answerBytes: Int) {
        self.request = request
        self.answerBytes = answerBytes
        count = 1
    }

    /// Adds one more; false if it does not belong to them.
    @inline(__always)
    mutating func add(_ request: RequestInFlight, answerBytes: Int) -> Bool {
        guard count > 0, request.dueAt == self.request.dueAt, request.sentAt == self.request.sentAt,
            request.operation == self.request.operation
        else { return false }
        count += 1
        self.answerBytes += answerBytes
        return true
    }
}
