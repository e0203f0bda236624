import MintmarkAdmin
import MintmarkCrypto
import MintmarkEngine
import MintmarkStorage
import MintmarkTokens
import NIOConcurrencyHelpers

/// What the HTTP listeners tell of this server. Immutable references to parts that guard themselves.
struct ServerAdminSource: AdminSource {
    let engine: Engine
    let pulse: LoopPulse
    let reader: MetricsReader
    /// How long others may keep the published keys.
    let keySetCacheSeconds: @Sendable () -> Int64
    let statistics: AdminStatistics
    let authz: AuthzGate
    private let reading = NIOLockedValueBox<Reading?>(nil)

    /// What was read last, and what was made of it.
    private struct Reading {
        let milliseconds: UInt64
        let snapshot: MetricsSnapshot
        var families: [MetricFamily]?
    }

    /// For so long what was read is told again: whoever asks in a loop costs the server no more than ten readings a second.
    private static let readingMilliseconds: UInt64 = 100
    /// For so long an event loop may be busy and is still taken for alive: far more than a burst, or a turn of all
    /// connections.
    private static let patience = Duration.seconds(2)

    init(
        engine: Engine,
        pulse: LoopPulse,
        reader: MetricsReader,
        keySetCacheSeconds: @escaping @Sendable () -> Int64,
        statistics: AdminStatistics,
        authz: AuthzGate
    ) {
        self.engine = engine
        self.pulse = pulse
        self.reader = reader
        self.keySetCacheSeconds = keySetCacheSeconds
        self.statistics = statistics
        self.authz = authz
    }

    func loopsAnswer() async -> Bool {
        await pulse.isAnswered(within: Self.patience)
    }

    var readinessReasons: [String] {
        engine.readiness.current.map(\.rawValue)
    }

    func metrics() -> [MetricFamily] {
        withReading { reading in
            let families = reading.families ?? ServerMetric.all.map { $0.family(of: reading.snapshot) }
            reading.families = families
            return families
        }
    }

    func status() -> StatusSnapshot {
        withReading { StatusSnapshot($0.snapshot, atMilliseconds: $0.milliseconds) }
    }

    private func withReading<Result>(_ body: (inout Reading) -> Result) -> Result {
        reading.withLockedValue { last in
            let now = MonotonicClock.milliseconds
            var reading: Reading
            if let last, now < last.milliseconds + Self.readingMilliseconds {
                reading = last
            } else {
                reading = Reading(milliseconds: now, snapshot: reader.read(), families: nil)
            }
            defer { last = reading }
            return body(&reading)
        }
    }

    func judge(_ question: TokenQuestion) -> TokenDecision {
        authz.judge(question)
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
