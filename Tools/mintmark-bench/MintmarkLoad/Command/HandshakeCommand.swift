import ArgumentParser
import MintmarkProgram

/// `mintmark-bench handshake`
struct HandshakeCommand: LoadCommand {
    static let configuration = CommandConfiguration(
        commandName: "handshake",
        abstract: "Measures how fast the server takes connections: TCP or Unix socket, TLS, HELLO and AUTH.",
        discussion: """
            Connections are opened and closed again, nothing is asked on them, and no TLS session is resumed. Without \
            --rate as many as possible (closed loop: a throughput). With --rate by a schedule, and times count from the \
            instant at which a connection was due. The steps are told apart: connect, tls, hello (AUTH is part of it).

            Examples:
              mintmark-bench handshake --duration 5
              mintmark-bench handshake --rate 500 --tls 127.0.0.1:7422 \\
                --ca certs/ca.pem --cert certs/gateway.pem --key certs/gateway.key \\
                --fail-if 'p99(handshake) > 5ms'
            """
    )

    @Option(help: ArgumentHelp("Connections in a second. (default: as many as possible)", valueName: "per-second"))
    var rate: Double?

    @Option(help: "How the pauses between connections are distributed: poisson or uniform.")
    var arrival: ArrivalSchedule.Arrival = .poisson

    @Option(help: ArgumentHelp("Handshakes underway at once at most; each has a thread.", valueName: "count"))
    var concurrency = 16

    @Option(help: ArgumentHelp("More connections, which stay and say nothing.", valueName: "count"))
    var idleConnections = 0

    @Option(
        help: ArgumentHelp("How long is measured.", valueName: "seconds"),
        transform: SecondsText.number
    )
    var duration = LoadOptions.durationSecondsDefault

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("End behind this many, if the time is not over before.", valueName: "count")
    )
    var requests: Int?

    @Option(
        help: ArgumentHelp("How long there is load before it is measured.", valueName: "seconds"),
        transform: SecondsText.number
    )
    var warmup = 0.0

    @Option(
        help: ArgumentHelp("How long each step is waited for before it is given up.", valueName: "seconds"),
        transform: SecondsText.number
    )
    var timeout = 10.0

    @Option(help: "What random pauses begin with: the same seed, the same load.")
    var seed: UInt64 = 1

    @OptionGroup var options: MeasureOptions

    func measure() throws(LoadFailure) -> Completion {
        try MeasuredRun(plan: try plan(), options: options).complete()
    }

    /// Checks the options.
    func plan() throws(LoadFailure) -> LoadPlan {
        if let rate, !(rate > 0 && rate <= LoadLimits.ratePerSecondMax) {
            throw .usage("--rate is above 0 and at most \(Int(LoadLimits.ratePerSecondMax))")
        }
        try LoadOptions.check("concurrency", concurrency, 1...LoadLimits.threadsMax)
        try LoadOptions.check("idle-connections", idleConnections, 0...LoadLimits.connectionsMax)
        if let requests { try LoadOptions.check("requests", requests, 1...LoadLimits.requestsMax) }
        try LoadOptions.checkTimes(duration: duration, warmup: warmup)
        try LoadOptions.checkTimeout("timeout", timeout)
        return LoadPlan(
            pace: rate.map { .openLoop(arrival, ratePerSecond: $0) } ?? .closedLoop,
            mix: .handshakes,
            connections: concurrency,
            depth: 1,
            threads: concurrency,
            warmupNanoseconds: Int64(warmup * 1e9),
            durationNanoseconds: Int64(duration * 1e9),
            requestsMax: requests,
            drainNanoseconds: Int64(timeout * 1e9),
            timeoutNanoseconds: Int64(timeout * 1e9),
            seed: seed,
            tokenSource: .sign(1),
            verifiesOnce: false,
            sessions: 1,
            audience: LoadOptions.audienceDefault,
            omitsClaims: false,
            idleConnections: idleConnections
        )
    }
}
