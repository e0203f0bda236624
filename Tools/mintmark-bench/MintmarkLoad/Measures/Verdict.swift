/// Whether what came out says something of the server: not of the generator, nor of nothing.
struct Verdict: Hashable, Sendable {
    /// What speaks against it; empty if nothing does.
    var reasons: [String] = []

    /// Whether requests were late although neither generator nor server was busy: others had the processor, and have it
    /// at smaller rates, too.
    private(set) var isLateOnly = false
    /// Whether the server used all of the cores that it may run on.
    private(set) var isServerSaturated = false
    /// What would speak against it, and does not for the question that was asked.
    private(set) var notes: [String] = []

    var isValid: Bool { reasons.isEmpty }

    /// Above this share of a core a generator thread counts as busy.
    static let generatorShareMax = 0.9
    /// Above this share of the cores that it may use, a generator with more threads than cores counts as busy: they wait
    /// for each other long before the cores are full.
    static let crowdedShareMax = 0.75
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
    ///   - threadShares: The share of a core that each thread of the generator worked; not what it asked in vain for work.
    ///   - coresAllowed: How many cores the generator may use, if that is known.
    ///   - serverShare: The share that the server had of the cores it may run on, if that is known.
    ///   - lag: How late requests were sent that a connection had room for.
    ///   - response: The response times, over all operations.
    ///   - couldSpin: Whether the generator slept where it waited, and there is a flag that keeps it from that.
    init(
        threadShares: [Double],
        coresAllowed: Double? = nil,
        serverShare: Double?,
        lag: Tail?,
        response: Tail?,
        couldSpin: Bool = false
    ) {
        isServerSaturated = serverShare.map { $0 >= Self.serverSaturatedShareMin } ?? false
        if !isServerSaturated { reasons += Self.busyThreads(threadShares, coresAllowed: coresAllowed) }
        guard let lag, let response else { return }
        let allowed = max(Self.lagMicrosecondsFloor, Self.lagShareMax * response.microseconds)
        guard lag.microseconds > allowed else { return }
        let microseconds = Text.number(lag.microseconds, decimals: 0)
        let late =
            lag.isGreatest
            ? "a request was sent \(microseconds) µs late (the latest: there were too few for a 99th percentile)"
            : "one request in a hundred was sent more than \(microseconds) µs late"
        isLateOnly = reasons.isEmpty && !isServerSaturated
        reasons.append(
            "\(late), though there was room for it: the generator did not get its processor in time. Try again when the "
                + "machine has less to do\(couldSpin ? ", or with --spin" : "")"
        )
    }

    /// Takes what speaks against it for something to know: the answer that was looked for holds all the same.
    mutating func accept() {
        notes += reasons
        reasons = []
    }

    private static func busyThreads(_ shares: [Double], coresAllowed: Double?) -> [String] {
        let busy = shares.enumerated().filter { $0.element > generatorShareMax }
        guard busy.isEmpty else {
            return busy.map { "generator thread \($0.offset) used \(Text.percent($0.element)) of a core" }
        }
        let sum = shares.reduce(0, +)
        guard let coresAllowed, Double(shares.count) > coresAllowed, sum > crowdedShareMax * coresAllowed else {
            return []
        }
        let cores = Text.number(coresAllowed, decimals: coresAllowed == coresAllowed.rounded() ? 0 : 2)
        return [
            "the generator's \(shares.count) thread\(shares.count == 1 ? "" : "s") used \(Text.percent(sum)) of a core, "
                + "and may use \(cores) core\(cores == "1" ? "" : "s")"
        ]
    }
}

extension Verdict {
    /// What the slowest came to: the 99th percentile, or the greatest where there were too few for that to say something.
    struct Tail: Hashable, Sendable {
        var microseconds: Double
        var isGreatest = false

        init(microseconds: Double, isGreatest: Bool = false) {
            self.microseconds = microseconds
            self.isGreatest = isGreatest
        }

        /// Nil for an empty histogram.
        init?(_ histogram: LatencyHistogram) {
            if let sound = histogram.soundMicroseconds(atPercentile: 99) {
                self.init(microseconds: sound)
            } else if let greatest = histogram.maxMicroseconds {
                self.init(microseconds: greatest, isGreatest: true)
            } else {
                return nil
            }
        }
    }
}
