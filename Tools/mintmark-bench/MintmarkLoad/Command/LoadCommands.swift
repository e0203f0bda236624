import ArgumentParser

/// `mintmark-bench peak`
struct PeakCommand: LoadCommand {
    static let configuration = CommandConfiguration(
        commandName: "peak",
        abstract: "Finds what the server can do: a request for every answer (closed loop).",
        discussion: """
            Every connection always has as many requests underway as --depth says. What comes out is a throughput. The \
            times are those of a saturated server; for what callers wait for, use run.

            Examples:
              mintmark-bench peak --mix verify=1
              mintmark-bench peak --mix verify=1 --tokens cold.txt --once
            """
    )

    @OptionGroup var load: LoadOptions
    @OptionGroup var options: MeasureOptions

    func measure() throws(LoadFailure) -> Completion {
        let plan = try load.plan(.closedLoop)
        return try MeasuredRun(plan: plan, preparation: MeasuredRun.Preparation(load), options: options).complete()
    }
}

/// `mintmark-bench run`
struct RunCommand: LoadCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Measures how long callers wait at a given rate (open loop).",
        discussion: """
            Requests are sent by a schedule that knows nothing of answers, and times count from the instant at which a \
            request was due: a server that stalls makes all of them wait, and the figures say so.
              latency_us   from due to answered
              service_us   from sent to answered
              lag_us       from due to sent
            When all connections are full, requests wait their turn and go on counting (--on-full queue), or are \
            skipped (--on-full skip); what was due and never sent is counted as not_sent_inflight_cap either way.

            Example:
              mintmark-bench run --rate 20000 --mix sign=1,verify=8,refresh=1
            """
    )

    @Option(help: ArgumentHelp("Requests in a second.", valueName: "per-second"))
    var rate: Double

    @OptionGroup var schedule: OpenLoopOptions
    @OptionGroup var load: LoadOptions
    @OptionGroup var options: MeasureOptions

    func measure() throws(LoadFailure) -> Completion {
        guard rate > 0, rate <= LoadLimits.ratePerSecondMax else {
            throw .usage("--rate is above 0 and at most \(Int(LoadLimits.ratePerSecondMax))")
        }
        let plan = try schedule.plan(load, ratePerSecond: rate)
        return try MeasuredRun(plan: plan, preparation: MeasuredRun.Preparation(load), options: options).complete()
    }
}

/// `mintmark-bench ramp`
struct RampCommand: LoadCommand {
    static let configuration = CommandConfiguration(
        commandName: "ramp",
        abstract: "Measures while the rate grows evenly (open loop).",
        discussion: """
            The rate grows from --from to --to during the whole run, warm-up included. Look at the seconds of the run: \
            report --html shows at which rate waits begin to grow.

            Example:
              mintmark-bench ramp --from 1000 --to 50000 \\
                --duration 60 --mix verify=1 --json ramp.json
            """
    )

    @Option(help: ArgumentHelp("The rate in the beginning.", valueName: "per-second"))
    var from: Double

    @Option(help: ArgumentHelp("The rate in the end.", valueName: "per-second"))
    var to: Double

    @OptionGroup var schedule: OpenLoopOptions
    @OptionGroup var load: LoadOptions
    @OptionGroup var options: MeasureOptions

    func measure() throws(LoadFailure) -> Completion {
        guard [from, to].allSatisfy({ $0 > 0 && $0 <= LoadLimits.ratePerSecondMax }) else {
            throw .usage("--from and --to are above 0 and at most \(Int(LoadLimits.ratePerSecondMax))")
        }
        var plan = try schedule.plan(load, ratePerSecond: from)
        plan.rampToPerSecond = to
        return try MeasuredRun(plan: plan, preparation: MeasuredRun.Preparation(load), options: options).complete()
    }
}
