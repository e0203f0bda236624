import MintmarkTestSupport
import Testing

/// The process dies before, in the middle of and after each call of what is delicate.
@Suite struct CallDeathTests {
    @Test(arguments: SimulationScript.all)
    func nothingIsLostWhereverTheProcessDies(script: SimulationScript) throws {
        for number in 1...(try script.callCount(seed: 0)) {
            for moment in DiskDeath.Moment.allCases {
                for power in [SimulatedDisk.Power.kept, .lost] {
                    check(script, seed: UInt64(number), dying: moment, at: number, power)
                }
            }
        }
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
