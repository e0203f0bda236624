import MintmarkStorage
import MintmarkTestSupport
import Testing

/// Random lives of a store on a disk that forgets, tears and fails. The seed of a failure is in its text, and replays.
@Suite struct SimulationTests {
    private static let stepCount = 120

    /// Runs one life after the other, and gives what went wrong with everything that is needed to see it again.
    private func run(
        _ seed: UInt64,
        _ settings: StoreSimulation.Settings,
        _ next: (inout SeededGenerator) -> StoreSimulation.Step
    ) -> String? {
        let simulation = StoreSimulation(seed: seed, settings)
        do {
            for _ in 0..<Self.stepCount {
                try simulation.perform(next(&simulation.generator))
            }
            try simulation.perform(.comeBack)
            try simulation.perform(.work)
            try simulation.perform(.crash(.lost))
            return nil
        } catch {
            return simulation.report(error)
        }
    }

    /// With 9674 a holder's answers leave while a snapshot is written, three rotations in a row, and it goes on asking for
    /// them: a thief and his victim look like that.
    @Test(arguments: Array(SimulationSeeds.all) + [9_674])
    func nothingAcknowledgedIsLost(seed: UInt64) {
        var settings = StoreSimulation.Settings()
        settings.hasCallsDuringSnapshots = seed % 2 == 0
        let failure = run(seed, settings) { .random(using: &$0) }
        #expect(failure == nil, "\(failure ?? "")")
    }

    @Test(arguments: SimulationSeeds.all)
    func nothingAcknowledgedIsLostOnADiskThatFails(seed: UInt64) {
        let failure = run(seed, StoreSimulation.Settings()) { .randomWithFaults(using: &$0) }
        #expect(failure == nil, "\(failure ?? "")")
    }

    /// With the last three a sync of the directory fails, the store goes on, and the process is killed.
    @Test(arguments: Array(SimulationSeeds.all) + [2_262, 4_782, 8_710])
    func relaxedModesLoseNoMoreThanTheySay(seed: UInt64) {
        var settings = StoreSimulation.Settings()
        settings.mode = seed % 2 == 0 ? .interval(milliseconds: 2_000) : .snapshot
        let hasFaults = seed % 4 >= 2
        let failure = run(seed, settings) { hasFaults ? .randomWithFaults(using: &$0) : .random(using: &$0) }
        #expect(failure == nil, "\(failure ?? "")")
    }
}
