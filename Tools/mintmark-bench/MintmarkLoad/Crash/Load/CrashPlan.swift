/// What is asked of a crash test.
struct CrashPlan: Sendable {
    /// Kills to be done.
    var rounds: Int
    /// Go on until every step of a snapshot was hit so often; 0: the rounds are enough.
    var stepHitsRequired = 0
    /// The most rounds for that.
    var roundsMax: Int
    var threads: Int
    /// Connections of each thread.
    var connections: Int
    var seed: UInt64
    /// The mode of the daemon, as its flag has it.
    var durability: Durability
    /// How often the daemon writes a snapshot, as its flag has it.
    var snapshotInterval: DurationText
    var grace = CrashGrace(windowNanoseconds: 5_000_000_000)
    /// Acknowledgements before a kill, at least.
    var acknowledgementsMin = 500
    /// Every so many rounds the daemon stays down for longer than the grace window.
    var longStopEvery = 15

    /// Sessions of each thread that live at a time.
    static let liveSessionsMax = 120
    /// Requests of each thread that are underway at a time.
    static let burstMax = 32
    /// Sessions that were revoked in an earlier round and are looked at again, for each thread and round.
    static let deadSampleMax = 100

    /// A mode of the daemon.
    struct Durability: Hashable, Sendable {
        var text: String
        var promise: CrashPromise

        /// Reads `always`, `interval:T` and `snapshot`; nil for anything else.
        init?(_ text: String) {
            self.text = text
            switch text {
            case "always": promise = .everything
            case "snapshot": promise = .revocations
            default:
                guard text.hasPrefix("interval:"), DurationText(String(text.dropFirst(9))) != nil else { return nil }
                promise = .everything
            }
        }
    }

    /// How long the daemon stays down behind this round.
    func stopNanoseconds(round: Int) -> Int64 {
        round % longStopEvery == longStopEvery / 2
            ? grace.windowNanoseconds + 2 * CrashGrace.marginNanoseconds : 0
    }

    /// What the daemon's configuration says for this test: long-lived access tokens, so that a revoked one is refused
    /// for that and for nothing else.
    var serverConfiguration: String {
        """
        clients:
          local:
            rotation: always
            grace: {window: \(grace.windowNanoseconds / 1_000_000)ms, uses: 65535}
            access_token_ttl: 1d

        """
    }
}

/// A duration as the daemon's settings spell it: `200ms`, `5s`, `5m`, `1h`.
struct DurationText: Hashable, Sendable {
    var text: String
    var nanoseconds: Int64

    /// Nil if it is none, or longer than a day.
    init?(_ text: String) {
        let digits = text.prefix { ("0"..."9").contains($0) }
        let units: [String: Int64] = ["ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000, "h": 3_600_000_000_000]
        guard
            (1...9).contains(digits.count), let count = Int64(digits), count > 0,
            let unit = units[String(text.dropFirst(digits.count))]
        else { return nil }
        let (product, isOverflow) = count.multipliedReportingOverflow(by: unit)
        guard !isOverflow, product <= 86_400_000_000_000 else { return nil }
        self.text = text
        nanoseconds = product
    }
}
