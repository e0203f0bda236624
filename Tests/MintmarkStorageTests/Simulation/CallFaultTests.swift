import Glibc
import MintmarkTestSupport
import Testing

/// Each call of what is delicate fails, once and for ever.
@Suite struct CallFaultTests {
    @Test(arguments: SimulationScript.all)
    func nothingIsLostWhicheverCallFails(script: SimulationScript) throws {
        for number in 1...(try script.callCount(seed: 0)) {
            for code in [EIO, ENOSPC] {
                for isLasting in [false, true] {
                    let fault = (number: number, code: code, isLasting: isLasting)
                    check(script, seed: UInt64(number), fault)
                }
            }
        }
    }

    private func check(
        _ script: SimulationScript,
        seed: UInt64,
        _ fault: (number: Int, code: Int32, isLasting: Bool)
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
