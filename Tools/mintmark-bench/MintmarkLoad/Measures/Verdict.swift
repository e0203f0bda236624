/// Whether what came out says something of the server: not of the generator, nor of nothing.
struct Verdict: Hashable, Sendable {
    /// What speaks against it; empty if nothing does.
    var reasons: [String] = []

    var isValid: Bool { reasons.isEmpty }

    /// Above this share of a core a generator thread counts as busy.
    static let generatorShareMax = 0.9
    /// From this share of its cores on the server counts as saturated: then it was the bottleneck, not the generator.
    static let serverSaturatedShareMin = 0.95
    /// Lateness below this many microseconds is never held against the generator.
    static let lagMicrosecondsFloor = 200.0
    /// Lateness below this share of the response time is not, either.
    static let lagShareMax = 0.1

    init(reasons: [String]) {
        self.reasons = reasons
    }

    /// Judges a run.
    ///
    /// - Parameters:
    ///   - threadShares: The share of a core that each thread of the generator had.
    ///   - serverShare: The share that the server had of the cores it may run on, if that is known.
    ///   - lagMicroseconds: How late requests were sent that a connection had room for, at the 99th percentile.
    ///   - responseMicroseconds: The response time at the 99th percentile, over all operations.
    init(
        threadShares: [Double],
        serverShare: Double?,
        lagMicroseconds: Double?,
        responseMicroseconds: Double?
    ) {
        let isServerSaturated = serverShare.map { $0 >= Self.serverSaturatedShareMin } ?? false
        for (thread, share) in threadShares.enumerated() where share > Self.generatorShareMax && !isServerSaturated {
            reasons.append("generator thread \(thread) used \(Text.percent(share)) of a core")
        }
        guard let lagMicroseconds, let responseMicroseconds else { return }
        guard lagMicroseconds > max(Self.lagMicrosecondsFloor, Self.lagShareMax * responseMicroseconds) else { return }
        reasons.append(
            "one request in a hundred was sent more than \(Text.number(lagMicroseconds, decimals: 0)) µs late, though "
                + "there was room for it: the generator did not get its processor in time. Try again when the machine "
                + "has less to do, or with --spin"
        )
    }
}
