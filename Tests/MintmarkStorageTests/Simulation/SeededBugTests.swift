import Glibc
import MintmarkSessionsTestSupport
import MintmarkTestSupport
import Testing

@testable import MintmarkSessions
@testable import MintmarkStorage

/// The proof that the simulation can fail: it finds each of the mistakes that are made on purpose.
@Suite struct SeededBugTests {
    private static let seedCountMax: UInt64 = 60
    private static let stepCount = 120

    @Test(arguments: SeededBug.allCases.filter { $0 != .boxTagIgnored })
    func theSimulationFindsIt(bug: SeededBug) {
        var settings = StoreSimulation.Settings()
        settings.bug = bug
        let isFound = (0..<Self.seedCountMax).contains { seed in
            let simulation = StoreSimulation(seed: seed, settings)
            do {
                for _ in 0..<Self.stepCount {
                    try simulation.perform(bug.step(using: &simulation.generator))
                }
                return false
            } catch {
                return error is Breach
            }
        }
        #expect(isFound, "\(bug) was not found with \(Self.seedCountMax) seeds")
    }

    /// A reader that ignores the tags of boxes takes a changed one for good. Here the box is made good instead.
    @Test func aChangedBoxThatIsTakenForGoodIsFound() throws {
        let simulation = StoreSimulation(seed: 1)
        for step in Array(repeating: StoreSimulation.Step.open, count: 4) + [.work, .refresh, .work, .refresh, .work] {
            try simulation.perform(step)
        }
        let name = StoreFiles.segment(1)
        let segment = try #require(simulation.disk.contents.bytes(of: name))
        let forged = try #require(
            try BoxForger.forge(segment, master: StorageFixture.master) { event in
                guard case .changed(let id, .rotated(let rotation)) = event else { return nil }
                return .changed(id, .rotated(rotation.forged))
            }
        )
        simulation.disk.replace(name, with: forged)
        #expect(throws: Breach.self) { try simulation.perform(.crash(.kept)) }
    }
}

extension SeededBug {
    /// A step of a life in which the mistake matters.
    fileprivate func step(using generator: inout SeededGenerator) -> StoreSimulation.Step {
        switch self {
        case .syncRetried, .applyAfterFailedAppend: .randomWithFaults(using: &generator)
        default: .random(using: &generator)
        }
    }
}

extension SessionRotation {
    /// The same, but for one bit of the generation.
    fileprivate var forged: SessionRotation {
        SessionRotation(
            current: TokenGeneration(epoch: current.epoch, number: current.number ^ 4),
            previousEpoch: previousEpoch,
            rotatedAtMilliseconds: rotatedAtMilliseconds,
            graceStreak: graceStreak,
            contextHash: contextHash,
            lastUsedSeconds: lastUsedSeconds,
            idleExpirySeconds: idleExpirySeconds,
            accessTokenExpirySeconds: accessTokenExpirySeconds,
            forcedRotation: forcedRotation
        )
    }
}
