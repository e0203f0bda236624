import ArgumentParser

/// Where and how a plan is measured, judged and reported: common to all modes that measure one plan.
struct MeasureOptions: ParsableArguments {
    @OptionGroup var server: ServerOptions
    @OptionGroup var placement: PlacementOptions
    @OptionGroup var repeats: RepeatOptions
    @OptionGroup var figures: FigureOptions
    @OptionGroup var gates: GateOptions
    @OptionGroup var report: ReportOptions
}

/// How requests follow a rate: common to all modes that load by a schedule, whatever becomes of answers.
struct OpenLoopOptions: ParsableArguments {
    @Option(help: "How the pauses between requests are distributed: poisson or uniform.")
    var arrival: ArrivalSchedule.Arrival = .poisson

    @Option(help: "What becomes of a request that finds all connections full: queue or skip.")
    var onFull: LoadPlan.FullPolicy = .queue

    /// The plan of a load that begins at that rate.
    func plan(_ load: LoadOptions, ratePerSecond: Double) throws(LoadFailure) -> LoadPlan {
        try load.plan(.openLoop(arrival, ratePerSecond: ratePerSecond), onFull: onFull)
    }
}

extension ArrivalSchedule.Arrival: ExpressibleByArgument {}
extension LoadPlan.FullPolicy: ExpressibleByArgument {}
