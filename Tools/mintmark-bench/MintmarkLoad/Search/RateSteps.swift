/// Rates that are measured one after the other, and held against thresholds each.
struct RateSteps {
    let gate: Gate
    private(set) var points: [RatePoint] = []
    /// The first threshold that says something of what was not measured at a rate.
    private(set) var failure: LoadFailure?

    init(gate: Gate) {
        self.gate = gate
    }

    /// Adds what came out at a rate; returns whether it makes sense to go on.
    mutating func add(_ ratePerSecond: Double, _ report: LoadReport) throws(LoadFailure) -> Bool {
        let document = try RunDocument(report.json)
        var outcomes: [Gate.Outcome] = []
        do throws(LoadFailure) {
            outcomes = try gate.judge(document)
        } catch {
            if failure == nil {
                failure = .usage("at \(Text.number(ratePerSecond, decimals: 0))/s, \(error.message)")
            }
        }
        points.append(.step(ratePerSecond, report, outcomes))
        return report.tally.errors.wrongAnswer == nil && !report.isServerGone && report.abortedBy == nil
    }
}
