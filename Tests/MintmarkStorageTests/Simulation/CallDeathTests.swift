import MintmarkTestSupport
import Testing

/// The process dies before, in the middle of and after each call of what is delicate.
@Suite struct CallDeathTests {
    @Test(arguments: SimulationScript.all)
    func nothingIsLostWhereverTheProcessDies(script: SimulationScript) throws {
        for number in 1...(try script.callCount(seed: 0)) {
            for (moment, power) in Self.ways(of: number) {
                check(script, seed: UInt64(number), dying: moment, at: number, power)
            }
        }
    }

    /// How to die at call `number`. Behind one call is before the next, so that each place is met with both powers.
    private static func ways(of number: Int) -> [(DiskDeath.Moment, SimulatedDisk.Power)] {
        guard !SimulationSeeds.areMany else {
            return DiskDeath.Moment.allCases.flatMap { [($0, .kept), ($0, .lost)] }
        }
        return number % 2 == 0 ? [(.before, .kept), (.after, .kept)] : [(.halfway, .lost), (.after, .lost)]
    }

    private func check(
        _ script: SimulationScript,
        seed: UInt64,
        dying moment: DiskDeath.Moment,
        at number: Int,
        _ power: SimulatedDisk.Power
    ) {
        var simulation: StoreSimulation?
        do {
            let run = try script.run(seed: seed) { run in
                simulation = run
                run.powerAtDeath = power
                run.disk.die(at: run.disk.callCount + number, moment)
            }
            try SimulationScript.finish(run)
        } catch {
            Issue.record(
                "\(script.name), call \(number), \(moment), \(power): \(simulation?.report(error) ?? "\(error)")"
            )
        }
    }
}
