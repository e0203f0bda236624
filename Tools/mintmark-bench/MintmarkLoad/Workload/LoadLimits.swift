/// The bounds of what can be asked of the tool.
enum LoadLimits {
    /// The most requests underway on a connection: a slot's number is one half of a request id.
    static let depthMax = 65_535
    static let connectionsMax = 65_536
    static let threadsMax = 256
    /// Tokens, sessions.
    static let countMax = 100_000_000
    static let secondsMax = 86_400.0
    static let ratePerSecondMax = 10_000_000.0
    /// Requests of a run.
    static let requestsMax = Int(Int32.max)
    /// The most requests underway over all connections.
    static let inFlightMax = connectionsMax * depthMax
    /// Of the longest-lived wish to send: what is due and cannot be sent yet waits in the schedule, not in memory.
    static let timeoutSecondsMax = 3_600.0
    static let runsMax = 1_000
}
