import Testing

@testable import MintmarkClient

@Suite("Pauses")
struct PauseQueueTests {
    private static func id(_ slot: Int) -> CallID { CallID(slot: slot, serial: 1) }

    private static func instant(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

    @Test("calls go on in the order in which their pauses end, and not before")
    func order() {
        var pauses = PauseQueue()
        for (slot, end) in [(1, 30), (2, 10), (3, 20)] as [(Int, UInt64)] {
            pauses.insert(Self.id(slot), until: Self.instant(end))
        }
        #expect(pauses.nextEnd == Self.instant(10))
        #expect(pauses.popEnded(at: Self.instant(9)) == nil)
        #expect(pauses.popEnded(at: Self.instant(25)) == Self.id(2))
        #expect(pauses.popEnded(at: Self.instant(25)) == Self.id(3))
        #expect(pauses.popEnded(at: Self.instant(25)) == nil)
        #expect(pauses.popEnded(at: Self.instant(30)) == Self.id(1))
        #expect(pauses.nextEnd == nil)
    }

    @Test("a call that has ended does not go on")
    func withdrawal() {
        var pauses = PauseQueue()
        for slot in 0..<3 { pauses.insert(Self.id(slot), until: Self.instant(10)) }
        #expect(pauses.pausingCount == 3)
        pauses.withdraw(Self.id(1))
        #expect(pauses.pausingCount == 2)
        var went: Set<CallID> = []
        while let id = pauses.popEnded(at: Self.instant(10)) { went.insert(id) }
        #expect(went == [Self.id(0), Self.id(2)])
    }

    @Test("calls that end while they pause leave nothing behind, however long they should have paused")
    func bound() {
        var pauses = PauseQueue()
        for slot in 0..<10 { pauses.insert(Self.id(slot), until: Self.instant(1_000)) }
        for slot in 10..<10_000 {
            pauses.insert(Self.id(slot), until: Self.instant(.max))
            pauses.withdraw(Self.id(slot))
            #expect(pauses.count <= 10 + 2 * PauseQueue.withdrawnCountMin)
        }
        var count = 0
        while pauses.popEnded(at: Self.instant(.max)) != nil { count += 1 }
        #expect(count == 10)
    }
}
