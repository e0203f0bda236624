import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkSessions

@Suite struct JournalEventTests {
    // Spans cannot be arguments in expectations.

    private func decode(_ bytes: [UInt8]) -> JournalEvent? {
        JournalEvent(decoding: bytes.span.bytes)
    }

    private func wantsClocks(_ event: [UInt8]) -> Bool {
        JournalEvent.wantsClocks(event.span.bytes)
    }

    private func encoded(_ event: SessionEvent) -> [UInt8] {
        var bytes: [UInt8] = []
        event.encode(appendingTo: &bytes)
        return bytes
    }

    @Test func sessionEventsAreJournalEvents() {
        for entry in busyEntries {
            #expect(decode(entry.bytes) == entry.event.map { .session($0) })
            #expect(decode((entry.bytes + [0])) == nil)
        }
    }

    private var busyEntries: [TestJournal.Entry] {
        let fixture = StoreFixture(seed: 4)
        var walk = StoreWalk(seed: 4)
        for _ in 0..<200 {
            walk.step(fixture)
        }
        return fixture.journal.entries
    }

    @Test func theClockIsOneByte() {
        #expect(decode([JournalEvent.clockKind]) == .clock)
        #expect(decode([JournalEvent.clockKind, 0]) == nil)
    }

    /// Zero, the reserved kinds 11 and 12, and everything beyond: alone and with bytes behind.
    @Test func noOtherKindIsRead() {
        #expect(decode([]) == nil)
        for kind in [0] + (11...255) as [UInt8] {
            for count in [0, 8, 16, 37, 64] {
                let bytes = [kind] + Array(repeating: 1, count: count)
                #expect(decode(bytes) == nil, "kind \(kind)")
            }
        }
    }

    @Test func theClocksAreKeptAfterRotationsAndAtTheStart() {
        for entry in busyEntries {
            let isRotation = if case .changed(_, .rotated) = entry.event { true } else { false }
            #expect(wantsClocks(entry.bytes) == isRotation)
        }
        let epoch = encoded(.epochTaken(StoreEpoch(rawValue: 1)))
        #expect(wantsClocks(epoch))
        #expect(!wantsClocks([JournalEvent.clockKind]))
        #expect(!wantsClocks([]))
    }

    /// Targets hold 1 to 256 and 1 to 64 bytes.
    @Test(arguments: [0, 1, 255, 256, 257])
    func subjectsOfTargets(byteCount: Int) {
        let bytes = encoded(.forced(.subject(Array(repeating: 1, count: byteCount)), storeSeconds: 5))
        #expect((SessionEvent(decoding: bytes.span.bytes) != nil) == (1...256).contains(byteCount))
    }

    @Test(arguments: [0, 1, 63, 64, 65])
    func clientsOfTargets(byteCount: Int) {
        let bytes = encoded(.forced(.client(Array(repeating: 1, count: byteCount)), storeSeconds: 5))
        #expect((SessionEvent(decoding: bytes.span.bytes) != nil) == (1...64).contains(byteCount))
    }

    @Test func unknownTargetsAreRefused() {
        var bytes = encoded(.forced(.all, storeSeconds: 5))
        #expect(SessionEvent(decoding: bytes.span.bytes) != nil)
        for kind in [0, 4, 255] as [UInt8] {
            bytes[1] = kind
            #expect(SessionEvent(decoding: bytes.span.bytes) == nil)
        }
    }
}
