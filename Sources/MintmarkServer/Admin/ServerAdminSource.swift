import MintmarkAdmin
import MintmarkCrypto
import MintmarkEngine
import MintmarkTokens

/// What the HTTP listeners tell of this server. Immutable references to parts that guard themselves.
struct ServerAdminSource: AdminSource {
    let engine: Engine
    let pulse: LoopPoll
    let reader: MetricsReader
    /// How long others may keep the published keys.
    let keySetCacheSeconds: @Sendable () -> Int64
    let statistics: AdminStatistics

    func loopsAnswer() async -> Bool {
        await pulse.allAnswer()
    }

    var readinessReasons: [String] {
        engine.readiness.current.map(\.rawValue)
    }

    func metrics() -> [MetricFamily] {
        let snapshot = reader.read()
        return ServerMetric.all.map { $0.family(of: snapshot) }
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
