import MintmarkWire

extension RefreshOutcome {
    /// The name in the specification, such as `same_successor`.
    var name: String {
        switch self {
        case .rotated: "rotated"
        case .sameSuccessor: "same_successor"
        case .unchanged: "unchanged"
        case .fastForward: "fast_forward"
        }
    }

    /// What it means for the refresh token, for people.
    var sentence: String {
        switch self {
        case .rotated: "a new refresh token takes the place of the one given"
        case .sameSuccessor: "it was rotated before; the same successor again"
        case .unchanged: "the same refresh token stays in use"
        case .fastForward: "it was newer than the server's state; a new one takes its place"
        }
    }
}
