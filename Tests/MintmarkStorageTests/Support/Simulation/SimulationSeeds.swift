import Glibc

/// The seeds that simulations run with.
enum SimulationSeeds {
    private static let countWhenNothingIsSaid: UInt64 = 12

    /// Whether time does not matter: then scripts are gone through in every way, and otherwise in some.
    static let areMany = all.count >= 1_000

    /// As many as `TESTS_SIMULATION_SEEDS` says.
    static let all: Range<UInt64> = 0..<count

    private static var count: UInt64 {
        guard let text = getenv("TESTS_SIMULATION_SEEDS") else { return countWhenNothingIsSaid }
        guard let count = UInt64(String(cString: text)), count > 0 else {
            preconditionFailure("TESTS_SIMULATION_SEEDS is not a number: \(String(cString: text))")
        }
        return count
    }
}
