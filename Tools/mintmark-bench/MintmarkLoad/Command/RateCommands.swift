import ArgumentParser

/// `mintmark-bench search`
struct SearchCommand: LoadCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Finds how much load the server stands while an objective is kept.",
        discussion: """
            The rate is doubled until the server does not stand it, the gap is halved down to 3 %, and what was found \
            is confirmed three times. A server stands a rate if the objective holds, at least 99 % of the requests were \
            answered, waits do not grow during the run, few requests failed, and the generator was not the bottleneck.

            Exit codes: 0 a rate was found · 10 none keeps the objective · 12 the generator was always the bottleneck.

            Example:
              mintmark-bench search --slo 'p99(verify) < 2ms' --profile gateway
            """
    )

    static let durationSecondsDefault = 5.0

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
        let plan = try load.plan(
            .openLoop(arrival, ratePerSecond: startRate),
            durationSeconds: Self.durationSecondsDefault
        )
        try Gate.check([objective], plan.mix, isOpenLoop: true)
        try report.check()
        var runs = try RateRuns(
            plan: plan,
            arrival: arrival,
            server: server,
            placement: placement,
            percentiles: try figures.list()
        )
        var search = RateSearch(
            judge: RateJudge(objective: objective, errorShareMax: errorsMax / 100),
            startPerSecond: startRate
        )
        try search.run(
            measure: { (rate) throws(LoadFailure) in try runs.measure(rate) },
            onPoint: { runs.line.note($0.text) }
        )
        let result = RateSeriesReport(
            mode: "search",
            points: search.points,
            objective: objective,
            sustainablePerSecond: search.sustainablePerSecond,
            isInterrupted: Interruption.isRequested
        )
        return runs.completion(result, load, report)
    }
}

/// `mintmark-bench step`
struct StepCommand: LoadCommand {
    static let configuration = CommandConfiguration(
        commandName: "step",
        abstract: "Measures at one rate after the other: latency from idle to saturation.",
        discussion: """
            With --shuffled the rates come in an order drawn by lot, so that what changes with time is not taken for an \
            effect of the rate.

            Example:
              mintmark-bench step --from 1000 --to 20000 --step 1000 --shuffled --mix verify=1
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
        var points: [RatePoint] = []
        for rate in rates where !Interruption.isRequested {
            let result = try runs.measure(rate)
            points.append(RatePoint(ratePerSecond: rate, report: result, fault: nil, purpose: "step"))
            if let point = points.last { runs.line.note(point.text) }
            guard result.tally.errors.wrongAnswer == nil, !result.isServerGone else { break }
        }
        let result = RateSeriesReport(mode: "step", points: points, isInterrupted: Interruption.isRequested)
        return runs.completion(result, load, report)
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

    mutating func measure(_ ratePerSecond: Double) throws(LoadFailure) -> LoadReport {
        var plan = plan
        plan.pace = .openLoop(arrival, ratePerSecond: ratePerSecond)
        var line = ProgressLine()
        defer { line.clear() }
        var report = try prepared.measure(plan, progress: LoadProgress()) { line.showRun($0) }
        report.percentiles = percentiles
        return report
    }

    func completion(_ result: RateSeriesReport, _ load: LoadOptions, _ report: ReportOptions) -> Completion {
        let text = [load.expansion, result.text].compactMap(\.self).joined(separator: "\n")
        return Completion(result.exitStatus, text: text, json: result.json, jsonPath: report.json)
    }
}
