/// What a refresh token says, once its tag is known to be good.
package struct RefreshToken: Equatable, Sendable {
    package let sessionID: SessionID
    package let generation: TokenGeneration

    package init(sessionID: SessionID, generation: TokenGeneration) {
        self.sessionID = sessionID
        self.generation = generation
    }
}
