/// What the HTTP listeners tell of; the server behind them. Called on any thread; nothing here waits for a disk.
package protocol AdminSource: Sendable {
    /// Whether every event loop that serves requests answers within a moment.
    func loopsAnswer() async -> Bool

    /// Why not every operation is served; empty when it is.
    var readinessReasons: [String] { get }

    /// Everything that is counted and measured, in the order in which it is to be told.
    func metrics() -> [MetricFamily]

    /// What the status page tells, as of now.
    func status() -> StatusSnapshot

    /// The public keys.
    func keySet() -> KeySet

    /// Whether an access token is good, as VERIFY would say it now.
    func judge(_ question: TokenQuestion) -> TokenDecision
}

/// The public keys as others may keep them. Immutable.
package struct KeySet: Sendable, Equatable {
    /// A JWK Set (RFC 7517 section 5).
    package let json: [UInt8]
    /// Changes whenever `json` does: characters that an entity tag may have (RFC 9110 section 8.8.3), without quotes.
    package let tag: String
    /// How long others may keep it.
    package let cacheSeconds: Int64

    package init(json: [UInt8], tag: String, cacheSeconds: Int64) {
        self.json = json
        self.tag = tag
        self.cacheSeconds = cacheSeconds
    }
}
