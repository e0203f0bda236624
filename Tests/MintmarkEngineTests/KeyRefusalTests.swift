import MintmarkTokens
import MintmarkWire
import Testing

@testable import MintmarkEngine

/// What whoever administers is told of a change of keys that cannot be.
@Suite struct KeyRefusalTests {
    @Test(
        arguments: [
            (.tooSoon(until: EngineFixture.start + 90), "it was published too recently, and is usable in 90 s"),
            (.tooSoon(until: EngineFixture.start - 1), "it was published too recently, and is usable in 0 s"),
            (.state(.revoked), "the key is revoked"),
            (.privateHalfMissing, "its private half is not there"),
        ] as [(KeyRefusal, String)]
    )
    func theReasonIsTold(refusal: KeyRefusal, reason: String) throws {
        let keys = StepKeys()
        keys.failure = .refused(refusal)
        let fixture = try EngineFixture(keys: keys)
        let answer = try fixture.perform(KeyActivateRequest(keyID: "a"))
        #expect(answer.status == .keyState)
        #expect(answer.field == .keyID)
        #expect(answer.error?.message.hasSuffix("(key_id: \(reason))") == true)
    }

    @Test func theReasonIsToldWithTheOutcome() throws {
        let fixture = try EngineFixture(keys: StepKeys())
        let job = KeyJob(.prepare)
        job.settle(.failed(.refused(.full)))
        let answer = fixture.answer(to: job)
        #expect(answer.status == .keyState)
        #expect(
            answer.error?.message.hasSuffix("(there are \(KeyLimits.liveKeysMax) keys, and that is the most)") == true
        )
    }
}
