import Glibc
import MintmarkTestSupport
import Testing

/// Each call of what is delicate fails, once and for ever.
@Suite struct CallFaultTests {
    @Test(arguments: SimulationScript.all)
    func nothingIsLostWhicheverCallFails(script: SimulationScript) throws {
        for number in 1...(try script.callCount(seed: 0)) {
            for fault in Self.faults(of: number) {
                check(script, seed: UInt64(number), fault)
            }
        }
    }

    private typealias Fault = (number: Int, code: Int32, isLasting: Bool)

    /// How call `number` fails: once and for ever.
    private static func faults(of number: Int) -> [Fault] {
        let codes = SimulationSeeds.areMany ? [EIO, ENOSPC] : [number % 2 == 0 ? EIO : ENOSPC]
        return codes.flatMap { [(number, $0, false), (number, $0, true)] }
    }

    private func check(
        _ script: SimulationScript,
        seed: UInt64,
        _ fault: Fault
    ) {
        var simulation: StoreSimulation?
        do {
            let run = try script.run(seed: seed) { run in
                simulation = run
                let number = run.disk.callCount + fault.number
                run.disk.inject(DiskFault(.fail(fault.code), at: number, isLasting: fault.isLasting))
            }
            try SimulationScript.finish(run)
        } catch {
            Issue.record("\(script.name), \(fault): \(simulation?.report(error) ?? "\(error)")")
        }
    }
}
