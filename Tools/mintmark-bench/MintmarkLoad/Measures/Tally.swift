/// What one thread measured; thread-confined until its thread has ended.
struct Tally: Sendable {
    /// How long requests took that ended in one way.
    struct Timings: Sendable {
        /// From the instant a request was due to its answer.
        var response = LatencyHistogram()
        /// From sending to the answer.
        var service = LatencyHistogram()
        /// From the instant a request was due to its sending.
        var lag = LatencyHistogram()

        @inline(__always)
        mutating func record(_ request: RequestInFlight, at now: Int64, isScheduled: Bool, times: Int = 1) {
            response.record(nanoseconds: now - request.dueAt, times: times)
            guard isScheduled else { return }
            service.record(nanoseconds: now - request.sentAt, times: times)
            lag.record(nanoseconds: request.sentAt - request.dueAt, times: times)
        }

        mutating func add(_ other: Timings) {
            response.add(other.response)
            service.add(other.service)
            lag.add(other.lag)
        }
    }

    /// One operation's part.
    struct OperationTally: Sendable {
        /// Right answers that came inside the measured interval; a refusal that had to come is one.
        var completed = 0
        /// The bytes of their frames.
        var answerBytes = 0
        /// Requests that were given up. Their times are among `accepted`: a caller waited at least so long.
        var timedOut = 0
        /// Requests whose answer was right.
        var accepted = Timings()
        /// Requests that had to be refused, and were.
        var refused = Timings()
        /// Requests whose answer was an error or a wrong one, or was lost.
        var failed = Timings()

        var response: LatencyHistogram { accepted.response }
        var service: LatencyHistogram { accepted.service }
        var lag: LatencyHistogram { accepted.lag }

        /// The size of an answer; nil without answers.
        var answerBytesMean: Double? { completed > 0 ? Double(answerBytes) / Double(completed) : nil }

        /// Requests that did not end as they should.
        var failedCount: Int { failed.response.count + timedOut }

        mutating func add(_ other: OperationTally) {
            completed += other.completed
            answerBytes += other.answerBytes
            timedOut += other.timedOut
            accepted.add(other.accepted)
            refused.add(other.refused)
            failed.add(other.failed)
        }
    }

    /// By the operation's raw value.
    var operations = LoadOperation.allCases.map { _ in OperationTally() }
    var errors = ErrorTally()
    /// How late requests were sent that a connection had room for: the generator's own lateness.
    var ownLag = LatencyHistogram()
    /// Requests that were due inside the measured interval.
    var offered = 0
    /// Those of them that were never sent.
    var notSent = 0
    /// Right answers whose content was checked against a key or the token itself.
    var sampled = 0
    /// Requests underway, summed up over the nanoseconds of the measured interval.
    var inFlightNanoseconds = 0.0
    /// The longest time between two looks at the sockets.
    var loopNanosecondsMax: Int64 = 0
    /// How often each token was chosen; empty where all are as likely.
    var tokenDraws: [UInt32] = []
    /// How long connections took that replaced others.
    var reconnects = LatencyHistogram()
    /// How long each step of a handshake took, by its raw value.
    var handshakeSteps = HandshakeStep.allCases.map { _ in LatencyHistogram() }
    /// When the last answer came, by the monotonic clock; 0 if none did.
    var lastAnswerAt: Int64 = 0

    mutating func add(_ other: Tally) {
        for index in operations.indices {
            operations[index].add(other.operations[index])
        }
        errors.add(other.errors)
        ownLag.add(other.ownLag)
        offered += other.offered
        notSent += other.notSent
        sampled += other.sampled
        reconnects.add(other.reconnects)
        addDraws(other.tokenDraws)
        for index in handshakeSteps.indices { handshakeSteps[index].add(other.handshakeSteps[index]) }
        inFlightNanoseconds += other.inFlightNanoseconds
        loopNanosecondsMax = max(loopNanosecondsMax, other.loopNanosecondsMax)
        lastAnswerAt = max(lastAnswerAt, other.lastAnswerAt)
    }

    private mutating func addDraws(_ other: [UInt32]) {
        guard !tokenDraws.isEmpty else {
            tokenDraws = other
            return
        }
        for index in other.indices { tokenDraws[index] += other[index] }
    }

    /// How uneven the choice of tokens was; nil where all are as likely, or none was chosen.
    var skew: KeySkew? { KeySkew(tokenDraws) }

    /// The response times of all operations together, refusals that had to come included.
    var response: LatencyHistogram {
        operations.reduce(into: LatencyHistogram()) {
            $0.add($1.accepted.response)
            $0.add($1.refused.response)
        }
    }

    var completed: Int { operations.reduce(0) { $0 + $1.completed } }
    var failed: Int { operations.reduce(0) { $0 + $1.failedCount } }
}
