import MintmarkTestSupport
import Testing

/// A part of a store's life, and what comes before it: to be gone through call by call.
struct SimulationScript: CustomTestStringConvertible, Sendable {
    let name: String
    /// Goes well.
    let before: [StoreSimulation.Step]
    /// Where every call is tried.
    let part: [StoreSimulation.Step]
    var settings = StoreSimulation.Settings()

    var testDescription: String { name }

    /// A life in which there is a bit of everything.
    private static let life: [StoreSimulation.Step] =
        Array(repeating: .open, count: 4) + [.work] + Array(repeating: .refresh, count: 4) + [.work, .revoke, .work]

    /// Such a life, twice, with snapshots, so that there is something to be removed.
    private static let twoLives = life + [.snapshot] + life + [.snapshot] + life

    static let all: [SimulationScript] = [
        SimulationScript(name: "first start", before: [], part: [.open, .work]),
        SimulationScript(name: "commit", before: life, part: [.refresh, .refresh, .work]),
        SimulationScript(name: "snapshot", before: twoLives + [.refresh], part: [.snapshot, .open, .work]),
        SimulationScript(name: "segment", before: life + [.refresh], part: [.segment, .open, .work]),
        SimulationScript(name: "full segment", before: life + [.fillSegment], part: [.open, .refresh, .work]),
        SimulationScript(name: "clean stop", before: twoLives + [.refresh], part: [.stop(.kept), .open, .work]),
        SimulationScript(name: "start after a kill", before: twoLives, part: [.crash(.kept), .open, .work]),
        SimulationScript(
            name: "start with a torn end",
            before: twoLives + [.refresh, .refresh, .fail(in: 2, code: 5, isLasting: false), .work, .heal],
            part: [.crash(.kept), .open, .work]
        ),
        SimulationScript(
            name: "way back",
            before: life + [.refresh, .fail(in: 2, code: 5, isLasting: false), .work, .heal, .revoke],
            part: [.comeBack, .open, .work]
        ),
    ]

    /// Goes through the first steps, and through the part after `change` was made to the disk.
    func run(seed: UInt64, _ change: (StoreSimulation) -> Void) throws -> StoreSimulation {
        let simulation = StoreSimulation(seed: seed, settings)
        for step in before {
            try simulation.perform(step)
        }
        change(simulation)
        for step in part {
            try simulation.perform(step)
        }
        return simulation
    }

    /// How many calls there are in the part when all goes well.
    func callCount(seed: UInt64) throws -> Int {
        var before = 0
        let simulation = try run(seed: seed) { before = $0.disk.callCount }
        return simulation.disk.callCount - before
    }

    /// What must hold whatever has happened: the store serves, takes a snapshot, and survives a power loss.
    static func finish(_ simulation: StoreSimulation) throws {
        for step in [.comeBack] + life + [.snapshot, .refresh, .work, .crash(.lost)] {
            try simulation.perform(step)
        }
    }
}
