import MintmarkEngine
import MintmarkSessions
import MintmarkWire
import Testing

/// What an answer has to wait for, and what a journal that fails leaves possible.
@Suite struct DurabilityTests {
    let fixture: EngineFixture

    init() throws {
        fixture = try EngineFixture()
    }

    /// Not inlined: the optimiser of Swift 6.3 breaks off where it inlines this one.
    @inline(never)
    private func after(_ answer: EngineFixture.Answer) -> LogSequenceNumber? {
        if case .answered(let lsn) = answer.disposition { lsn } else { nil }
    }

    @Test func changesWaitForTheirRecordAndTheRestForNothing() throws {
        fixture.journal.hold()
        let open = try fixture.perform(OpenRequest(subject: "user-1", audience: ["api"]))
        #expect(after(open) == LogSequenceNumber(1))
        let grant = try OpenResponse(decoding: open.body.span.bytes).grant
        let verify = VerifyRequest(accessToken: grant.accessToken, expectedAudience: .any)
        let live = VerifyRequest(accessToken: grant.accessToken, expectedAudience: .any, requiresLiveSession: true)
        #expect(after(try fixture.perform(verify)) == .zero)
        #expect(after(try fixture.perform(live)) == LogSequenceNumber(1))
        #expect(after(try fixture.perform(IntrospectRequest(refreshToken: grant.refreshToken))) == LogSequenceNumber(1))
        let sign = SignRequest(subject: "user-1", audience: ["api"])
        #expect(after(try fixture.perform(sign)) == .zero)
        #expect(after(try fixture.perform(RevokeRequest(.subject("user-1")))) == LogSequenceNumber(2))
        #expect(after(try fixture.perform(PingRequest())) == .zero)
    }

    /// The client can only know its successor once the answer left: its time to retry begins there.
    @Test func graceWindowBeginsWithTheRelease() throws {
        let opened = try fixture.open()
        fixture.journal.hold()
        let rotated = try fixture.perform(RefreshRequest(refreshToken: opened.refreshToken))
        let successor = try RefreshResponse(decoding: rotated.body.span.bytes).grant.refreshToken
        fixture.advance(milliseconds: 60_000)
        #expect(try fixture.call(RefreshRequest(refreshToken: opened.refreshToken)).refreshOutcome == .sameSuccessor)
        fixture.release()
        fixture.advance(milliseconds: 9_999)
        let retried = try fixture.call(RefreshRequest(refreshToken: opened.refreshToken))
        #expect(retried.grant.refreshToken == successor)
        fixture.advance(milliseconds: 2)
        let late = try fixture.perform(RefreshRequest(refreshToken: opened.refreshToken))
        #expect(late.status == .reused)
        #expect(late.error?.reuseClass == .previousAfterWindow)
    }

    @Test func failedJournalStopsChangesOnly() throws {
        let opened = try fixture.open()
        fixture.journal.isWritable = false
        let changes: [EngineFixture.Answer] = try [
            fixture.perform(OpenRequest(subject: "user-1", audience: ["api"])),
            fixture.perform(RefreshRequest(refreshToken: opened.refreshToken)),
            fixture.perform(ForceRotationRequest(.sessionID(opened.sessionID))),
        ]
        #expect(changes.map(\.status) == [.storage, .storage, .storage])
        #expect(try fixture.refusal(of: fixture.sign()) == nil)
        #expect(try fixture.refusal(of: opened.accessToken, live: true) == nil)
        #expect(try fixture.perform(RevokeRequest(.sessionID(opened.sessionID))).status == .storage)
        #expect(try fixture.refusal(of: opened.accessToken) == .tokenRevoked)
        fixture.journal.isWritable = true
        #expect(try fixture.perform(RefreshRequest(refreshToken: opened.refreshToken)).status == .revoked)
    }

    @Test func cutOffHoldsInMemoryThoughTheJournalFails() throws {
        let opened = try fixture.open()
        fixture.journal.isWritable = false
        #expect(try fixture.perform(RevokeRequest(.all)).status == .storage)
        #expect(try fixture.refusal(of: opened.accessToken) == .tokenRevoked)
    }
}
