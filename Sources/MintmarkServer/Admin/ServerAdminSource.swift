import MintmarkAdmin
import MintmarkCrypto
import MintmarkEngine
import MintmarkStorage
import MintmarkTokens
import NIOConcurrencyHelpers

/// What the HTTP listeners tell of this server. Immutable references to parts that guard themselves.
struct ServerAdminSource: AdminSource {
    let engine: Engine
    let poll: LoopPoll
    let reader: MetricsReader
    /// How long others may keep the published keys.
    let keySetCacheSeconds: @Sendable () -> Int64
    let statistics: AdminStatistics
    private let scrape = NIOLockedValueBox<(milliseconds: UInt64, families: [MetricFamily])?>(nil)

    /// For so long what was read is told again: whoever asks in a loop costs the server no more than ten readings a second.
    private static let scrapeMilliseconds: UInt64 = 100

    init(
        engine: Engine,
        poll: LoopPoll,
        reader: MetricsReader,
        keySetCacheSeconds: @escaping @Sendable () -> Int64,
        statistics: AdminStatistics
    ) {
        self.engine = engine
        self.poll = poll
        self.reader = reader
        self.keySetCacheSeconds = keySetCacheSeconds
        self.statistics = statistics
    }

    func loopsAnswer() async -> Bool {
        await poll.allAnswer()
    }

    var readinessReasons: [String] {
        engine.readiness.current.map(\.rawValue)
    }

    func metrics() -> [MetricFamily] {
        scrape.withLockedValue { scrape in
            let now = MonotonicClock.milliseconds
            if let scrape, now < scrape.milliseconds + Self.scrapeMilliseconds {
                return scrape.families
            }
            let snapshot = reader.read()
            let families = ServerMetric.all.map { $0.family(of: snapshot) }
            scrape = (now, families)
            return families
        }
    }

    func status() -> StatusSnapshot {
        StatusSnapshot(reader.read())
    }

    func keySet() -> KeySet {
        let json = engine.tokens.now.signer.keys.jwks
        var digest: [UInt8] = []
        SHA256.hash(json.span.bytes, appendingTo: &digest)
        var tag: [UInt8] = []
        Base64URL.encode(digest.span.bytes, appendingTo: &tag)
        return KeySet(
            json: json,
            tag: String(decoding: tag, as: UTF8.self),
            cacheSeconds: keySetCacheSeconds()
        )
    }
}
