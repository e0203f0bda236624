import MintmarkWire

extension MintmarkClient {
    /// Asks for a sign of life. Returns the server's clock: seconds since 1970-01-01T00:00:00Z.
    ///
    /// - Parameter timeout: How long to wait. The configuration's when nil.
    @discardableResult
    public func ping(timeout: Duration? = nil) async throws(MintmarkError) -> UInt64 {
        try await perform(PingRequest(), timeout: timeout).serverTime
    }

    /// Counters and readiness.
    ///
    /// - Parameter timeout: How long to wait. The configuration's when nil.
    public func stats(timeout: Duration? = nil) async throws(MintmarkError) -> ServerStatistics {
        ServerStatistics(try await perform(StatsRequest(), timeout: timeout))
    }
}
