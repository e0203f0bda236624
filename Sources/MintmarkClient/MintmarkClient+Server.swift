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

    /// Has the server write a snapshot of its sessions and revocations to its disk now. Returns when it is durable.
    ///
    /// Fails with the status `NOT_CONFIGURED` where the server keeps no files.
    ///
    /// - Parameter timeout: How long to wait. Writing takes as long as the server's disk needs, so the configuration's
    ///   time for requests and for silence is not that of this call.
    public func snapshot(timeout: Duration = .seconds(60)) async throws(MintmarkError) {
        _ = try await perform(SnapshotRequest(), timeout: timeout)
    }
}
