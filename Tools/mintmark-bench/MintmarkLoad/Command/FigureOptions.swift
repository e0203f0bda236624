import ArgumentParser
import MintmarkProgram

/// Which figures a report shows.
struct FigureOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Percentiles to show, ascending: at most \(PercentileList.countMax). (default: 50,90,99,99.9,99.99)",
            valueName: "number,…"
        )
    )
    var percentiles: String?

    func list() throws(LoadFailure) -> PercentileList {
        guard let percentiles else { return .default }
        guard let list = PercentileList(percentiles) else {
            throw .usage(
                "--percentiles is a list such as 50,99,99.9: ascending, above 0 and below 100, at most "
                    + "\(PercentileList.countMax)"
            )
        }
        return list
    }
}

/// How often something is measured.
struct RepeatOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Measure so many times; told are the median run and the spread.", valueName: "count"))
    var runs = 1

    @Option(
        help: ArgumentHelp("How long nothing is sent between two runs.", valueName: "seconds"),
        transform: SecondsText.number
    )
    var pause = 1.0

    func check(_ plan: LoadPlan) throws(LoadFailure) {
        try LoadOptions.check("runs", runs, 1...LoadLimits.runsMax)
        guard pause >= 0, pause <= LoadLimits.timeoutSecondsMax else {
            throw .usage("--pause is 0 to \(Int(LoadLimits.timeoutSecondsMax)) seconds")
        }
        if runs > 1 { try Self.checkAgain(plan, "--runs") }
    }

    /// Refuses a plan that cannot be measured a second time with what was prepared for the first.
    ///
    /// - Parameter reason: What measures it several times.
    static func checkAgain(_ plan: LoadPlan, _ reason: String) throws(LoadFailure) {
        guard !plan.verifiesOnce else {
            throw .usage("--once and \(reason) do not go together: the second time the server knows the tokens")
        }
        guard !plan.mix.contains(.revoke) else {
            throw .usage("a mix with revoke and \(reason) do not go together: the second time everything is revoked")
        }
    }
}
