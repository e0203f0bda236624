import ArgumentParser

/// What a run is held against.
struct GateOptions: ParsableArguments {
    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "What must not be, such as 'p99(verify) > 2ms', 'error_rate > 0.1%', 'achieved < 99%'; exit code 10. Can be "
                + "given several times.",
            valueName: "expression"
        )
    )
    var failIf: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "What ends the run at once when a second, or so many in a row, are like this: 'p99 > 50ms for 10s'; exit "
                + "code 4. Can be given several times.",
            valueName: "expression"
        )
    )
    var abortIf: [String] = []

    /// Reads what must not be when a run is over.
    func gate(_ plan: LoadPlan) throws(LoadFailure) -> Gate {
        let thresholds = try Self.thresholds(failIf)
        for threshold in thresholds where threshold.seconds > 1 {
            throw .usage("'\(threshold)': --fail-if says something of the whole run, and of no row of seconds")
        }
        try Gate.check(thresholds, plan.mix, isOpenLoop: plan.isOpenLoop)
        return Gate(thresholds: thresholds)
    }

    /// Reads what ends a run.
    func abortWatch(_ plan: LoadPlan) throws(LoadFailure) -> AbortWatch {
        let thresholds = try Self.thresholds(abortIf)
        for threshold in thresholds where !AbortWatch.canWatch(threshold.metric) {
            throw .usage("'\(threshold)': \(threshold.metric.text) cannot be told of single seconds")
        }
        try Gate.check(thresholds, plan.mix, isOpenLoop: plan.isOpenLoop)
        return AbortWatch(thresholds, threads: plan.threads)
    }

    static func thresholds(_ texts: [String]) throws(LoadFailure) -> [Threshold] {
        var thresholds: [Threshold] = []
        for text in texts { thresholds.append(try Threshold(text)) }
        return thresholds
    }
}
