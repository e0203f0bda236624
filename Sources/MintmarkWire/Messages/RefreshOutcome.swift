/// What a refresh did to the refresh token.
public enum RefreshOutcome: UInt8, CaseIterable, Hashable, Sendable {
    /// It was traded for a successor.
    case rotated = 1

    /// It was traded before, and the same successor is answered again.
    case sameSuccessor = 2

    /// It stays the session's token.
    case unchanged = 3

    /// It was traded before, and the session's present token is answered.
    case fastForward = 4
}
