import Testing

@testable import MintmarkServer

/// Whose turn it is, on a loop that is made of numbers.
@Suite struct TurnQueueTests {
    /// Somebody whose turns take so long. Confined to one test.
    private final class Asker: SocketLoop.Watched {
        let nanoseconds: UInt64
        var turnAccount = TurnQueue.Account()
        var count: UInt64 = 0

        init(_ nanoseconds: UInt64) {
            self.nanoseconds = nanoseconds
        }

        func descriptorChanged(_ event: Poller.Event) {}
        func turnCame() {}
        func loopEnded() {}
    }

    /// A loop that does nothing but to give turns.
    private struct Loop {
        var queue = TurnQueue()
        var now: UInt64 = 1_000_000

        mutating func append(_ asker: Asker) {
            queue.append(asker, now: now)
        }

        /// Gives the next turn; returns whose it was.
        @discardableResult
        mutating func give(asksAgain: Bool = false) throws -> Asker {
            let asker = try #require(queue.begin() as? Asker)
            if asksAgain { append(asker) }
            asker.count += 1
            now += asker.nanoseconds
            queue.end(nanoseconds: asker.nanoseconds, now: now)
            return asker
        }
    }

    @Test func thoseWhoAskTogetherComeInTheirOrder() throws {
        var loop = Loop()
        let askers = (0..<10).map { _ in Asker(100) }
        for asker in askers { loop.append(asker) }
        #expect(loop.queue.count == 10)
        for asker in askers { #expect(try loop.give() === asker) }
        #expect(loop.queue.isEmpty)
        #expect(loop.queue.begin() == nil)
    }

    /// Everybody asks for all that they can have, and some for more at a time.
    @Test func everybodyHasAsMuchTime() throws {
        var loop = Loop()
        let askers = [100, 200, 400, 800].map { Asker($0) }
        for asker in askers { loop.append(asker) }
        for _ in 0..<1_500 { try loop.give(asksAgain: true) }
        for asker in askers {
            #expect((70_000...90_000).contains(asker.count * asker.nanoseconds), "\(asker.nanoseconds): \(asker.count)")
        }
    }

    /// Whoever asks for less than an equal share waits for no more than the turn that is being given.
    @Test func whoAsksForLittleIsNext() throws {
        var loop = Loop()
        for _ in 0..<32 { loop.append(Asker(800)) }
        let modest = Asker(100)
        // How long its turns take is known from the second one on, and how long theirs do.
        loop.append(modest)
        for _ in 0..<64 { try loop.give(asksAgain: modest.count == 0) }
        for _ in 0..<100 {
            // An equal share of so much time is twice what it asks for.
            for _ in 0..<8 { try loop.give(asksAgain: true) }
            loop.append(modest)
            #expect(try loop.give() === modest)
        }
    }

    /// Somebody else again and again, as with handshakes, keeps nobody waiting for ever.
    @Test func newcomersStarveNobody() throws {
        var loop = Loop()
        let asker = Asker(800)
        loop.append(asker)
        for _ in 0..<1_000 {
            loop.append(Asker(400))
            if try loop.give() === asker { loop.append(asker) }
        }
        // Each newcomer that it went before waits from then on, and has a share, too.
        #expect(asker.count >= 20)
    }

    /// Whoever has not asked for long has saved nothing up.
    @Test func nobodySavesTimeUp() throws {
        var loop = Loop()
        let (idle, busy) = (Asker(100), Asker(100))
        loop.append(busy)
        for _ in 0..<100 { try loop.give(asksAgain: true) }
        loop.append(idle)
        for _ in 0..<100 { try loop.give(asksAgain: true) }
        #expect((45...55).contains(idle.count), "\(idle.count)")
    }

    /// Asking for a turn in a turn, as often as one likes, is asking for one more behind it.
    @Test func askingInATurnIsAskingOnce() throws {
        var loop = Loop()
        let asker = Asker(100)
        loop.append(asker)
        _ = loop.queue.begin()
        for _ in 0..<3 { loop.append(asker) }
        #expect(loop.queue.isEmpty)
        loop.queue.end(nanoseconds: 100, now: loop.now + 100)
        #expect(loop.queue.count == 1)
        #expect(asker.turnAccount.end == loop.now + 100)
    }
}
