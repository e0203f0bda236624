/// How many connections a pool opens, and when it gives up.
struct PoolSettings: Sendable {
    /// The most connections.
    let connectionsMax: Int
    /// Once every open connection has this many unanswered requests, another is opened.
    let requestsPerConnectionTarget: Int
    /// The most calls that wait for a connection. More are refused.
    let waitingMax: Int
    /// How many endpoints are tried, in their order, before a pause.
    let endpointCount: Int
    /// How long calls may wait while no connection can be opened.
    let connectTimeoutNanoseconds: UInt64
    /// The pauses between failed attempts.
    let backoff: Backoff
}
