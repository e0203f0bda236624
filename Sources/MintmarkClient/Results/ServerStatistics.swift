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

    /// Which build of its software the server is: two programs with the same are the same. Nil if it does not know.
    public var buildID: [UInt8]?

    /// What the server runs with, as far as it changes how fast it is: each a name, `=` and a value.
    public var settings: [String]

    /// Digest of all settings in effect but those that say where something is. Nil if the server has no settings.
    public var settingsDigest: [UInt8]?

    init(_ response: StatsResponse) {
        serverBuild = response.serverBuild
        serverTime = response.serverTime
        counters = response.counters
        isReady = response.isReady
        readinessReasons = response.readinessReasons
        buildID = response.buildID
        settings = response.settings
        settingsDigest = response.settingsDigest
    }
}
