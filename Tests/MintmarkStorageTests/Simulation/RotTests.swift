import MintmarkTestSupport
import Testing

@testable import MintmarkStorage

/// A bit of a file changes while the store is stopped.
@Suite struct RotTests {
    private static let life: [StoreSimulation.Step] =
        Array(repeating: .open, count: 6) + [.work, .snapshot, .refresh, .work, .revoke, .work, .snapshot]
        + [.refresh, .work, .refresh, .refresh, .work, .refresh, .work]

    @Test(arguments: SimulationSeeds.all)
    func aChangedBitIsNeverTakenForGood(seed: UInt64) {
        let simulation = StoreSimulation(seed: seed)
        do {
            for step in Self.life {
                try simulation.perform(step)
            }
            let names = simulation.disk.contents.fileNames.sorted()
            let name = names[Int.random(in: names.indices, using: &simulation.generator)]
            let bytes = simulation.disk.contents.bytes(of: name) ?? []
            // Mostly where something is written; a segment has been allocated whole.
            let written = (bytes.lastIndex { $0 != 0 } ?? 0) + 200
            let offset = Int.random(in: 0..<min(bytes.count, written), using: &simulation.generator)
            let mask = UInt8(1) << UInt8.random(in: 0..<8, using: &simulation.generator)
            try simulation.crash(flipping: mask, at: offset, of: name)
        } catch {
            Issue.record("\(simulation.report(error))")
        }
    }
}
