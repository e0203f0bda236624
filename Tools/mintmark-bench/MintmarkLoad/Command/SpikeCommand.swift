import ArgumentParser
import MintmarkProgram

/// `mintmark-bench spike`
struct SpikeCommand: LoadCommand {
    static let configuration = CommandConfiguration(
        commandName: "spike",
        abstract: "Measures while the rate jumps up and comes back (open loop).",
        discussion: """
            From --at on, for --for seconds, the rate is --to instead of --rate. Look at the seconds of the run: report \
            --html shows how long the server needs to come back to what it was before.

            Example:
              mintmark-bench spike --rate 2000 --to 40000 --at 5 --for 2 \\
                --duration 20 --mix verify=1 --json spike.json
            """
    )

    @Option(help: ArgumentHelp("The rate before and behind it.", valueName: "per-second"))
    var rate: Double

    @Option(help: ArgumentHelp("The rate in it.", valueName: "per-second"))
    var to: Double

    @Option(
        help: ArgumentHelp("When it begins, counted from the start of the load.", valueName: "seconds"),
        transform: SecondsText.number
    )
    var at = 3.0

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("How long it lasts.", valueName: "seconds"),
        transform: SecondsText.number
    )
    var length = 1.0

    @OptionGroup var schedule: OpenLoopOptions
    @OptionGroup var load: LoadOptions
    @OptionGroup var options: MeasureOptions

    func measure() throws(LoadFailure) -> Completion {
        guard [rate, to].allSatisfy({ $0 > 0 && $0 <= LoadLimits.ratePerSecondMax }) else {
            throw .usage("--rate and --to are above 0 and at most \(Int(LoadLimits.ratePerSecondMax))")
        }
        var plan = try schedule.plan(load, ratePerSecond: rate)
        guard at >= 0, length > 0, at + length <= Double(plan.totalNanoseconds) / 1e9 else {
            throw .usage("--at and --for lie inside the run, which takes \(plan.totalNanoseconds / 1_000_000) ms")
        }
        plan.spike = ArrivalSchedule.Spike(
            perSecond: to,
            startNanoseconds: Int64(at * 1e9),
            nanoseconds: Int64(length * 1e9)
        )
        return try MeasuredRun(plan: plan, preparation: MeasuredRun.Preparation(load), options: options).complete()
    }
}
