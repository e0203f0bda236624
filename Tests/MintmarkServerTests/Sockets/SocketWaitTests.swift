import Testing

@testable import MintmarkServer

/// Since when bytes have waited in a socket, as far as reads tell.
@Suite struct SocketWaitTests {
    private static let read = 65_536

    @Test func nothingWaitsInASocketThatWasDrained() {
        var wait = SocketWait()
        #expect(wait.since == nil)
        wait.arrived(since: 5)
        #expect(wait.since == 5)
        wait.drained()
        #expect(wait.since == nil)
    }

    /// What stood behind the first read is as old as that, until as much was read as there was then.
    @Test(arguments: [-1, 0, 1])
    func whatWasLeftIsAsOldAsTheReadThatLeftIt(excess: Int) {
        var wait = SocketWait()
        wait.arrived(since: 10)
        wait.took(Self.read, leaving: Self.read + excess, now: 20)
        #expect(wait.since == 10, "nothing was known of the socket between")
        wait.took(Self.read, leaving: 1_000_000, now: 30)
        #expect(wait.since == (excess > 0 ? 10 : 20))
        wait.took(Self.read, leaving: 1_000_000, now: 40)
        #expect(wait.since == 20)
    }

    /// A read may fill the buffer and leave nothing: what comes later has not waited since then.
    @Test func aFullReadThatLeavesNothingDrains() {
        var wait = SocketWait()
        wait.arrived(since: 10)
        wait.took(Self.read, leaving: 1, now: 20)
        #expect(wait.since != nil)
        wait.took(Self.read, leaving: 0, now: 30)
        #expect(wait.since == nil)
    }

    /// A socket that always has something more, and is served within a read, is never old.
    @Test func aStreamThatIsServedDoesNotAge() {
        var wait = SocketWait()
        wait.arrived(since: 0)
        for now: UInt64 in 1...1_000 {
            wait.took(Self.read, leaving: Self.read / 2, now: now)
            #expect(now - (wait.since ?? 0) <= 2)
        }
    }

    @Test func whatWaitedForThePeersSakeBeginsAnew() {
        var wait = SocketWait()
        wait.restart(now: 5)
        #expect(wait.since == nil)
        wait.arrived(since: 10)
        wait.took(Self.read, leaving: Self.read * 3, now: 20)
        wait.restart(now: 90)
        #expect(wait.since == 90)
        wait.took(Self.read, leaving: Self.read * 2, now: 95)
        #expect(wait.since == 90)
    }
}
