import MintmarkTokens
import MintmarkWire
import Testing

@testable import MintmarkEngine

/// What callers are told of a token that is refused.
@Suite struct TokenStatusTests {
    @Test func everyReasonIsAStatusOfItsOwn() {
        let statuses = TokenRefusal.allCases.map { Status($0) }
        #expect(Set(statuses).count == TokenRefusal.allCases.count)
        // Beside those of tokens there is one that only a store of sessions can give.
        let reasons = Status.allCases.filter { (320...339).contains($0.rawValue) }
        #expect(Set(statuses).union([.sessionNotLive]) == Set(reasons))
    }
}
