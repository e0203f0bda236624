import ArgumentParser

/// `mintmark-bench search`
struct SearchCommand: LoadCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Finds how much load the server stands while an objective is kept.",
        discussion: """
            The rate is doubled until the server does not stand it, the gap is halved down to 3 %, and what was found \
            is confirmed three times; a rate at which something else than the server was in the way is tried again. \
            It takes some minutes. A server stands a rate if the objective holds, at least 99 % of the requests were \
            answered, waits do not grow during the run, few requests failed, and the generator was not the bottleneck. \
            Where the generator was late though it had time to spare, the objective may hold in spite of that, since \
            times count from when requests were due. Each rate is measured for \(Int(durationSecondsDefault)) s, or for \
            up to \(Int(durationSecondsMax)) s where the objective takes more samples, unless --duration says how long.

            The objective is the threshold of a search, so there is no --fail-if; and a rate that must not go on is one \
            that the server does not stand, so there is no --abort-if. --once and revoke are for one rate: use run.

            Exit codes: 0 a rate was found, or one that is kept at least, where the generator was the bottleneck above it \
            · 10 the server kept the objective at none · 12 what ended the search was not the server: the generator was \
            the bottleneck, or late at \(RateSearch.lateMax) rates in a row, or too little was measured · 2 the first \
            rate gives too few samples, or tokens would have expired · 4 it was interrupted, or the server was gone · \
            13 wrong answers.

            Example:
              mintmark-bench search --slo 'p99(verify) < 2ms' --profile gateway
            """
    )

    static let durationSecondsDefault = 5.0
    /// For samples enough.
    static let durationSecondsMax = 60.0

    @Option(help: ArgumentHelp("What must hold, such as 'p99(verify) < 2ms'.", valueName: "expression"))
    var slo: String

    @Option(help: ArgumentHelp("The rate to begin with.", valueName: "per-second"))
    var startRate = 1_000.0

    @Option(help: ArgumentHelp("The share of requests that may fail.", valueName: "percent"))
    var errorsMax = 0.1

    @Option(help: "How the pauses between requests are distributed: poisson or uniform.")
    var arrival: ArrivalSchedule.Arrival = .poisson

    @OptionGroup var load: LoadOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var placement: PlacementOptions
    @OptionGroup var figures: FigureOptions
    @OptionGroup var report: ReportOptions

    func measure() throws(LoadFailure) -> Completion {
        guard startRate >= 1, startRate <= LoadLimits.ratePerSecondMax, errorsMax >= 0, errorsMax <= 100 else {
            throw .usage("--start-rate is 1 to \(Int(LoadLimits.ratePerSecondMax)), --errors-max 0 to 100 percent")
        }
        let objective = try Threshold(slo)
        guard objective.metric.unit != .microseconds || objective.isBoundFromAbove else {
            throw .usage("--slo bounds a time from above, such as 'p99(verify) < 2ms'")
        }
        let plan = try load.plan(
            .openLoop(arrival, ratePerSecond: startRate),
            durationSeconds: Self.durationSecondsDefault
        )
        try Gate.check([objective], plan.mix, isOpenLoop: true)
        try RepeatOptions.checkAgain(plan, "search")
        let judge = RateJudge(objective: objective, errorShareMax: errorsMax / 100)
        let isTimeGiven = load.duration != nil
        if !isTimeGiven { try Self.checkStart(startRate, judge, plan.mix) }
        try report.check()
        var runs = try RateRuns(
            plan: plan,
            arrival: arrival,
            server: server,
            placement: placement,
            percentiles: try figures.list()
        )
        if load.loadOnly { return try runs.inventory(load) }
        var search = RateSearch(judge: judge, startPerSecond: startRate)
        try search.run(
            measure: { (rate) throws(LoadFailure) in
                let needed = isTimeGiven ? nil : judge.secondsNeeded(ratePerSecond: rate, mix: plan.mix)
                return try runs.measure(rate, secondsMin: min(needed ?? 0, Self.durationSecondsMax))
            },
            onPoint: { runs.line.note($0.text) }
        )
        let result = RateSeriesReport(
            mode: "search",
            points: search.points,
            objective: objective,
            sustainablePerSecond: search.sustainablePerSecond,
            isInterrupted: Interruption.isRequested,
            failure: search.failure
        )
        return try runs.completion(result, load, report).adding(search.failure)
    }

    /// Refuses a first rate at which even the longest time gives too few samples.
    private static func checkStart(_ rate: Double, _ judge: RateJudge, _ mix: OperationMix) throws(LoadFailure) {
        guard let needed = judge.secondsNeeded(ratePerSecond: rate, mix: mix), needed > durationSecondsMax else {
            return
        }
        throw .usage(
            "\(judge.objective.metric.text) needs more samples than \(Int(durationSecondsMax)) s of \(Text.number(rate, decimals: 0)) "
                + "requests/s give: begin with --start-rate \(Int((rate * needed / durationSecondsMax).rounded(.up))), or say "
                + "--duration \(Int(needed.rounded(.up)))"
        )
    }
}

/// `mintmark-bench step`
struct StepCommand: LoadCommand {
    static let configuration = CommandConfiguration(
        commandName: "step",
        abstract: "Measures at one rate after the other: latency from idle to saturation.",
        discussion: """
            With --shuffled the rates come in an order drawn by lot, so that what changes with time is not taken for an \
            effect of the rate. --fail-if judges each rate, and --abort-if ends all of them. --once and revoke are for \
            one rate: use run.

            A rate that is too much for the server is no failure, nor are requests that were given up there.

            Exit codes: 0 all was measured · 13 wrong answers · 4 a connection broke, --abort-if ended it, or somebody \
            did · 12 at a rate the generator was the bottleneck · 10 --fail-if; of several the first in the order 13, 4, \
            12, 10.

            Example:
              mintmark-bench step --from 1000 --to 20000 --step 1000 --shuffled \\
                --mix verify=1
            """
    )

    static let stepsMax = 1_000

    @Option(help: ArgumentHelp("The first rate.", valueName: "per-second"))
    var from: Double

    @Option(help: ArgumentHelp("The last rate.", valueName: "per-second"))
    var to: Double

    @Option(help: ArgumentHelp("How much is between two rates.", valueName: "per-second"))
    var step: Double

    @Flag(help: "In an order drawn by lot.")
    var shuffled = false

    @Option(help: "How the pauses between requests are distributed: poisson or uniform.")
    var arrival: ArrivalSchedule.Arrival = .poisson

    @OptionGroup var load: LoadOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var placement: PlacementOptions
    @OptionGroup var figures: FigureOptions
    @OptionGroup var gates: GateOptions
    @OptionGroup var report: ReportOptions

    func measure() throws(LoadFailure) -> Completion {
        guard from >= 1, to >= from, to <= LoadLimits.ratePerSecondMax, step > 0, (to - from) / step < 1e6 else {
            throw .usage("rates go from 1 to \(Int(LoadLimits.ratePerSecondMax)), upwards, by a step above 0")
        }
        var rates = stride(from: from, through: to, by: step).map { $0 }
        guard rates.count <= Self.stepsMax else { throw .usage("there are at most \(Self.stepsMax) steps") }
        let plan = try load.plan(
            .openLoop(arrival, ratePerSecond: from),
            durationSeconds: SearchCommand.durationSecondsDefault
        )
        try RepeatOptions.checkAgain(plan, "step")
        let gate = try gates.gate(plan)
        let abortWatch = try gates.abortWatch(plan)
        try report.check()
        var random = SeededRandom(seed: load.seed, purpose: 99)
        if shuffled { rates.shuffle(using: &random) }
        var runs = try RateRuns(
            plan: plan,
            arrival: arrival,
            server: server,
            placement: placement,
            percentiles: try figures.list()
        )
        if load.loadOnly { return try runs.inventory(load) }
        var steps = RateSteps(gate: gate)
        var failure: LoadFailure?
        for rate in rates where !Interruption.isRequested {
            let goesOn: Bool
            do throws(LoadFailure) {
                goesOn = try steps.add(rate, try runs.measure(rate, abortWatch))
            } catch {
                // What was measured until then must not be lost.
                guard !steps.points.isEmpty else { throw error }
                failure = error
                break
            }
            if let point = steps.points.last { runs.line.note(point.text) }
            guard goesOn else { break }
        }
        let result = RateSeriesReport(mode: "step", points: steps.points, isInterrupted: Interruption.isRequested)
        return try runs.completion(result, load, report)
            .adding([.wrongAnswer, .aborted].contains(result.exitStatus) ? nil : failure ?? steps.failure)
    }
}

/// A server that is loaded at one rate after the other.
struct RateRuns {
    private let plan: LoadPlan
    private let arrival: ArrivalSchedule.Arrival
    private let percentiles: PercentileList
    private var prepared: PreparedLoad
    var line = ProgressLine()

    init(
        plan: LoadPlan,
        arrival: ArrivalSchedule.Arrival,
        server: ServerOptions,
        placement: PlacementOptions,
        percentiles: PercentileList
    ) throws(LoadFailure) {
        self.plan = plan
        self.arrival = arrival
        self.percentiles = percentiles
        try placement.placeClient()
        prepared = try PreparedLoad(address: try server.address(), plan: plan, processID: server.serverPid)
        try placement.placeServer(of: prepared)
    }

    mutating func measure(
        _ ratePerSecond: Double,
        _ abortWatch: AbortWatch? = nil,
        secondsMin: Double = 0
    ) throws(LoadFailure) -> LoadReport {
        var plan = plan
        plan.durationNanoseconds = max(plan.durationNanoseconds, Int64(secondsMin * 1e9))
        plan.pace = .openLoop(arrival, ratePerSecond: ratePerSecond)
        var line = ProgressLine()
        defer { line.clear() }
        let watch = abortWatch ?? AbortWatch([], threads: plan.threads)
        var report = try prepared.measure(plan, watch) { line.showRun($0) }
        report.percentiles = percentiles
        return report
    }

    /// What there is with `--load-only`, without any load.
    func inventory(_ load: LoadOptions) throws(LoadFailure) -> Completion {
        try saveSessions(load)
        return Completion(.passed, output: prepared.inventory + "\n")
    }

    private func saveSessions(_ load: LoadOptions) throws(LoadFailure) {
        if let path = load.saveSessions { try TokenFile.write(prepared.refreshTokens, to: path) }
    }

    func completion(
        _ result: RateSeriesReport,
        _ load: LoadOptions,
        _ report: ReportOptions
    ) throws(LoadFailure) -> Completion {
        try saveSessions(load)
        let text = [load.expansion, result.text].compactMap(\.self).joined(separator: "\n")
        return Completion(result.exitStatus, text: text, json: result.json, jsonPath: report.json)
    }
}
