import MintmarkSessionsTestSupport
import MintmarkTestSupport
import Testing

@testable import MintmarkSessions

/// What is changed in a slot without reading all of it.
@Suite struct PackedSessionTests {
    private static let byteCount = 256

    private func session(using generator: inout SeededGenerator) -> PackedSession {
        let epoch = StoreEpoch(rawValue: .random(in: 1...1 << 40, using: &generator))
        let other = StoreEpoch(rawValue: epoch.rawValue + 1)
        let isReleased = Bool.random(using: &generator)
        let state = SessionState(
            id: SessionID(high: generator.next(), low: generator.next()),
            openLSN: LogSequenceNumber(.random(in: 1...1 << 40, using: &generator)),
            current: TokenGeneration(epoch: epoch, number: .random(in: 1...UInt32.max, using: &generator)),
            previousEpoch: Bool.random(using: &generator) ? epoch : other,
            rotatedAtMilliseconds: .random(in: 0...1 << 47, using: &generator),
            isRotationReleased: isReleased,
            graceUses: .random(in: 0...9, using: &generator),
            graceStreak: .random(in: 0...9, using: &generator),
            hasGraceAnswer: Bool.random(using: &generator),
            contextHash: Bool.random(using: &generator) ? ContextHash(high: 1, low: 2) : nil,
            createdSeconds: 1_000,
            lastUsedSeconds: 1_001,
            absoluteExpirySeconds: 9_000,
            idleExpirySeconds: 5_000,
            accessTokenExpirySeconds: 1_300,
            revocation: nil,
            forcedRotation: ForcedRotation(markLSN: .zero, stage: .done),
            isTombstone: false
        )
        return PackedSession(state: state, terms: 3, subjectByteCount: 20, claimsByteCount: 30)
    }

    private func slot(_ session: PackedSession) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: Self.byteCount)
        bytes.withUnsafeMutableBytes { session.store(to: $0) }
        return bytes
    }

    private func release(
        _ id: SessionID,
        _ current: TokenGeneration,
        atMilliseconds milliseconds: UInt64,
        in slot: inout [UInt8]
    ) -> Bool {
        slot.withUnsafeMutableBytes {
            PackedSession.release(id, rotatedTo: current, atMilliseconds: milliseconds, in: $0)
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func releasingInPlaceIsReadingReleasingAndWriting(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let before = session(using: &generator)
            let now = UInt64.random(in: 0...1 << 47, using: &generator)
            var after = before
            after.state.released(atMilliseconds: now)
            var changed = slot(before)
            #expect(release(before.state.id, before.state.current, atMilliseconds: now, in: &changed))
            #expect(changed == slot(after))
        }
    }

    @Test func anotherSessionOrGenerationIsLeftAlone() {
        var generator = SeededGenerator(seed: 5)
        let session = session(using: &generator)
        let (id, current) = (session.state.id, session.state.current)
        var bytes = slot(session)
        let untouched = bytes
        #expect(!release(SessionID(high: id.high, low: id.low ^ 1), current, atMilliseconds: 1 << 47, in: &bytes))
        #expect(!release(SessionID(high: id.high ^ 1, low: id.low), current, atMilliseconds: 1 << 47, in: &bytes))
        let later = TokenGeneration(epoch: current.epoch, number: current.number &+ 1)
        #expect(!release(id, later, atMilliseconds: 1 << 47, in: &bytes))
        let elsewhere = TokenGeneration(epoch: StoreEpoch(rawValue: current.epoch.rawValue + 1), number: current.number)
        #expect(!release(id, elsewhere, atMilliseconds: 1 << 47, in: &bytes))
        #expect(bytes == untouched)
    }
}
