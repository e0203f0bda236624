import MintmarkSessions
import Testing

/// The invariants of refresh, one after the other. Random walks and threads have their own suites.
@Suite struct InvariantTests {
    let fixture = StoreFixture()

    @Test func aRetryAfterADroppedAnswerSucceedsAndTheChainGoesOn() throws {
        let opened = try #require(fixture.open().granted)
        let dropped = try #require(fixture.refresh(opened.token).granted)
        fixture.clocks.advance(milliseconds: 9_999)
        var held = try #require(fixture.refresh(opened.token).granted)
        #expect(held.outcome == .sameSuccessor)
        #expect(held.token == dropped.token)
        for number in 2...4 {
            fixture.clocks.advance(seconds: 200)
            held = try #require(fixture.refresh(held.token).granted)
            #expect(held.outcome == .rotated)
            #expect(held.generation.number == UInt32(number))
        }
    }
}
