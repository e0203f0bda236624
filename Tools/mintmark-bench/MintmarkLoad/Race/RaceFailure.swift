/// Why a race ends before its rounds are over.
enum RaceFailure: Error, Sendable {
    /// The server broke an invariant.
    case violation(RaceViolation)
    /// The race cannot go on.
    case stopped(LoadFailure)
}

/// An invariant that did not hold, and how it came to that.
struct RaceViolation: Hashable, Sendable {
    var scenario: RaceScenario
    /// The round's number, from 0.
    var round: Int
    /// What was expected, and what came instead.
    var finding: String
    /// Every request of the round and its answer, in the order of the answers; tokens by their names in the round.
    var sequence: [String]
}

/// Turns a failure of a connection into one of the race.
func racing<Value>(_ body: () throws(LoadFailure) -> Value) throws(RaceFailure) -> Value {
    do throws(LoadFailure) {
        return try body()
    } catch {
        throw .stopped(error)
    }
}
