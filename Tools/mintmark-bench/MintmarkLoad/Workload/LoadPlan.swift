/// What is asked of a run: everything but the server's part.
struct LoadPlan: Sendable {
    /// What decides when a request is sent.
    enum Pace: Hashable, Sendable {
        /// The answer to another one. Measures what the server can do, not how long callers wait for it.
        case closedLoop
        /// A schedule that knows nothing of answers.
        case openLoop(ArrivalSchedule.Arrival, ratePerSecond: Double)
    }

    /// What becomes of a request that is due while as many are underway as may be.
    enum FullPolicy: String, CaseIterable, Hashable, Sendable {
        /// It waits, and its time goes on.
        case queue
        /// It is counted as not sent.
        case skip
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
    /// The rate of an open loop grows to this one, evenly, while it is measured; nil: it stays as it is.
    var rampToPerSecond: Double?
    /// When the rate of an open loop is another one; nil: never.
    var spike: ArrivalSchedule.Spike?
    /// What happens before it is over is not measured.
    var warmupNanoseconds: Int64
    var durationNanoseconds: Int64
    /// How many requests are sent at most; nil for as many as the time allows.
    var requestsMax: Int?
    /// How long unanswered requests are waited for in the end.
    var drainNanoseconds: Int64
    /// How long a request is waited for before it is given up.
    var timeoutNanoseconds: Int64 = 10_000_000_000
    var seed: UInt64
    var tokenSource: TokenSource
    /// Whether every token is verified at most once: the run ends when there are no more.
    var verifiesOnce: Bool
    var sessions: Int
    var audience: String
    var omitsClaims: Bool
    /// Whether threads ask for answers all the time instead of sleeping until some come.
    var spins = false
    /// The most requests underway over all connections; nil: as many as connections and depth allow.
    var inFlightMax: Int?
    var onFull = FullPolicy.queue
    /// More connections, which say nothing after their handshake.
    var idleConnections = 0
    /// A connection is replaced by a new one behind so many requests; nil: it stays.
    var reconnectEvery: Int?
    /// Which tokens are verified.
    var keyChoice = KeyChoice.uniform
    /// What hostile requests there are.
    var hostile = HostileRequest.default
    /// How many bytes the claims of SIGN and OPEN have; nil: those of the tool's own.
    var claimSizes: ClaimSizes?
    /// A file with refresh tokens of the sessions to refresh; nil: they are opened.
    var sessionsFile: String?
    /// Sessions to open beforehand and to revoke.
    var revocations = 10_000
    /// Of so many answers one is looked at closely.
    var samplePeriod = 256

    var totalNanoseconds: Int64 { warmupNanoseconds + durationNanoseconds }

    /// One thread's part of the most requests underway.
    func inFlightMax(ofThread thread: Int) -> Int {
        inFlightMax.map { ($0 + threads - 1 - thread) / threads } ?? .max
    }

    /// The most requests that can be underway.
    var underwayMax: Int { min(connections * depth, inFlightMax ?? .max) }
}
