public import MintmarkWire

/// How a server is.
public struct ServerStatistics: Hashable, Sendable {
    /// The server software's name and version.
    public var serverBuild: String

    /// The server's clock when it answered: seconds since 1970-01-01T00:00:00Z.
    public var serverTime: UInt64

    /// What the server counted since it started.
    public var counters: [Counter]

    /// Whether every operation is served.
    public var isReady: Bool

    /// Why not; empty when ready.
    public var readinessReasons: [String]

    init(_ response: StatsResponse) {
        serverBuild = response.serverBuild
        serverTime = response.serverTime
        counters = response.counters
        isReady = response.isReady
        readinessReasons = response.readinessReasons
    }
}
