public import MintmarkWire

/// What a refresh gave.
public struct RefreshedSession: Hashable, Sendable {
    /// The tokens to use from now on, whatever ``outcome`` says.
    public var tokens: SessionTokens

    /// What happened to the refresh token.
    public var outcome: RefreshOutcome

    /// How many rotations led to the refresh token. Of two answers, the one with the greater number is newer.
    public var generation: UInt32

    init(_ response: RefreshResponse) {
        tokens = SessionTokens(response.grant)
        outcome = response.refreshOutcome
        generation = response.generation
    }
}
