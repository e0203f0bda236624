/// What one thread measured; thread-confined until its thread has ended.
struct Tally: Sendable {
    /// One operation's part.
    struct OperationTally: Sendable {
        /// Right answers that came inside the measured interval.
        var completed = 0
        /// The bytes of their frames.
        var answerBytes = 0
        /// From the instant a request was due to its answer.
        var response = LatencyHistogram()
        /// From sending to the answer.
        var service = LatencyHistogram()
        /// From the instant a request was due to its sending.
        var lag = LatencyHistogram()

        /// The size of an answer; nil without answers.
        var answerBytesMean: Double? { completed > 0 ? Double(answerBytes) / Double(completed) : nil }

        mutating func add(_ other: OperationTally) {
            completed += other.completed
            answerBytes += other.answerBytes
            response.add(other.response)
            service.add(other.service)
            lag.add(other.lag)
        }
    }

    /// By the operation's raw value.
    var operations = LoadOperation.allCases.map { _ in OperationTally() }
    var errors = ErrorTally()
    /// How late requests were sent that a connection had room for: the generator's own lateness.
    var ownLag = LatencyHistogram()
    /// Requests that were due inside the measured interval.
    var offered = 0
    /// Right answers whose content was checked against a key or the token itself.
    var sampled = 0
    /// When the last answer came, by the monotonic clock; 0 if none did.
    var lastAnswerAt: Int64 = 0

    mutating func add(_ other: Tally) {
        for index in operations.indices {
            operations[index].add(other.operations[index])
        }
        errors.add(other.errors)
        ownLag.add(other.ownLag)
        offered += other.offered
        sampled += other.sampled
        lastAnswerAt = max(lastAnswerAt, other.lastAnswerAt)
    }
}
