/// What is asked of a run: everything but the server's part.
struct LoadPlan: Sendable {
    /// What decides when a request is sent.
    enum Pace: Sendable {
        /// The answer to another one. Measures what the server can do, not how long callers wait for it.
        case closedLoop
        /// A schedule that knows nothing of answers.
        case openLoop(ArrivalSchedule.Arrival, ratePerSecond: Double)
    }

    /// Where the access tokens to verify come from.
    enum TokenSource: Hashable, Sendable {
        /// The server signs this many.
        case sign(Int)
        /// They were signed before, and lie in a file.
        case file(String)
    }

    var pace: Pace
    var mix: OperationMix
    var connections: Int
    var depth: Int
    var threads: Int
    /// What happens before it is over is not measured.
    var warmupNanoseconds: Int64
    var durationNanoseconds: Int64
    /// How many requests are sent at most; nil for as many as the time allows.
    var requestsMax: Int?
    /// How long unanswered requests are waited for in the end.
    var drainNanoseconds: Int64
    var seed: UInt64
    var tokenSource: TokenSource
    /// Whether every token is verified at most once: the run ends when there are no more.
    var verifiesOnce: Bool
    var sessions: Int
    var audience: String
    var omitsClaims: Bool
    /// Whether threads ask for answers all the time instead of sleeping until some come.
    var spins = false

    var totalNanoseconds: Int64 { warmupNanoseconds + durationNanoseconds }
}
