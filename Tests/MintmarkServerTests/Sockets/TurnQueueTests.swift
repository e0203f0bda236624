import Testing

@testable import MintmarkServer

/// Whose turn it is, on a loop that is made of numbers.
@Suite struct TurnQueueTests {
    /// Somebody whose turns take so long. Confined to one test.
    private final class Asker: SocketLoop.Watched {
        var nanoseconds: UInt64
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
        var now: UInt64 = 0

        mutating func append(_ asker: Asker) {
            queue.append(asker)
        }

        /// Gives the next turn; returns whose it was.
        @discardableResult
        mutating func give(asksAgain: Bool = false) throws -> Asker {
            let asker = try #require(queue.begin() as? Asker)
            if asksAgain { append(asker) }
            asker.count += 1
            now += asker.nanoseconds
            queue.end(nanoseconds: asker.nanoseconds)
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
        let askers = [100_000, 200_000, 400_000, 800_000].map { Asker($0) }
        for asker in askers { loop.append(asker) }
        for _ in 0..<1_500 { try loop.give(asksAgain: true) }
        for asker in askers {
            let milliseconds = asker.count * asker.nanoseconds / 1_000_000
            #expect((70...90).contains(milliseconds), "\(asker.nanoseconds): \(asker.count)")
        }
    }

    /// Whoever asks for less than an equal share waits for no more than the turn that is being given.
    @Test func whoAsksForLittleIsNext() throws {
        var loop = Loop()
        for _ in 0..<32 { loop.append(Asker(800_000)) }
        let modest = Asker(100_000)
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

    /// Somebody else again and again, for two turns each, as with handshakes that are given up: those who stay keep the
    /// share of so many.
    @Test(arguments: [1, 8, 16])
    func newcomersStarveNobody(clientCount: Int) throws {
        var loop = Loop()
        let steady = (0..<8).map { _ in Asker(800_000) }
        for asker in steady { loop.append(asker) }
        var newcomers: [ObjectIdentifier: Asker] = [:]
        for _ in 0..<4_000 {
            // Each client begins anew when its last handshake has ended.
            while newcomers.count < clientCount {
                let asker = Asker(400_000)
                newcomers[ObjectIdentifier(asker)] = asker
                loop.append(asker)
            }
            let asker = try loop.give()
            if steady.contains(where: { $0 === asker }) || asker.count < 2 {
                loop.append(asker)
            } else {
                newcomers[ObjectIdentifier(asker)] = nil
            }
        }
        let time = steady.map { $0.count * $0.nanoseconds }.reduce(0, +)
        // Each of them counts as much as each newcomer that is there.
        let share = Double(steady.count) / Double(steady.count + clientCount)
        #expect(Double(time) >= 0.8 * share * Double(loop.now), "\(time) of \(loop.now)")
        #expect(steady.allSatisfy { $0.count * 10 > steady[0].count * 9 })
    }

    /// As long as first turns took lately.
    @Test func newcomersWaitForWhatTheyAreLikelyToTake() throws {
        var loop = Loop()
        let steady = Asker(100_000)
        loop.append(steady)
        for (nanoseconds, turnsOfOthers) in [(400_000 as UInt64, 5...8), (10_000, 0...1)] {
            for _ in 0..<100 {
                steady.count = 0
                let newcomer = Asker(nanoseconds)
                loop.append(newcomer)
                while newcomer.count == 0 {
                    if try loop.give() === steady { loop.append(steady) }
                }
            }
            let expected = loop.queue.newcomerNanoseconds
            #expect((nanoseconds - 10...nanoseconds + 10).contains(expected), "\(expected)")
            // Of the last one: a turn that it is taken to have had, and the one that it has now.
            #expect(turnsOfOthers.contains(Int(steady.count)), "\(steady.count)")
        }
    }

    /// A turn in which the system let the loop wait for a second is no reason to wait for as many turns of the others.
    @Test func aPauseIsNotTheAskersDoing() throws {
        var loop = Loop()
        let (victim, others) = (Asker(1_000_000_000), (0..<8).map { _ in Asker(800_000) })
        loop.append(victim)
        for asker in others { loop.append(asker) }
        while victim.count == 0 { try loop.give(asksAgain: true) }
        var turnsCount = 0
        while try loop.give(asksAgain: true) !== victim { turnsCount += 1 }
        // Two long turns are what it is charged with, and what is expected of the next one.
        #expect(turnsCount <= 5 * others.count, "\(turnsCount)")
    }

    /// One turn that took as long as twenty does not make its asker wait for forty of each of the others.
    @Test func oneLongTurnOfManyShortOnesCostsLittle() throws {
        var loop = Loop()
        let (victim, others) = (Asker(50_000), (0..<8).map { _ in Asker(50_000) })
        for asker in [victim] + others { loop.append(asker) }
        for _ in 0..<90 { try loop.give(asksAgain: true) }
        victim.nanoseconds = 1_000_000
        while try loop.give(asksAgain: true) !== victim {}
        victim.nanoseconds = 50_000
        var turnsCount = 0
        while try loop.give(asksAgain: true) !== victim { turnsCount += 1 }
        #expect(turnsCount <= 8 * others.count, "\(turnsCount)")
    }

    /// Whoever has not asked for long has saved nothing up.
    @Test func nobodySavesTimeUp() throws {
        var loop = Loop()
        let (idle, busy) = (Asker(100_000), Asker(100_000))
        loop.append(busy)
        for _ in 0..<100 { try loop.give(asksAgain: true) }
        loop.append(idle)
        for _ in 0..<100 { try loop.give(asksAgain: true) }
        // As a newcomer it begins a turn later.
        #expect((40...50).contains(idle.count), "\(idle.count)")
    }

    /// Asking for a turn in a turn, as often as one likes, is asking for one more behind it.
    @Test func askingInATurnIsAskingOnce() throws {
        var loop = Loop()
        let asker = Asker(100)
        loop.append(asker)
        _ = loop.queue.begin()
        for _ in 0..<3 { loop.append(asker) }
        #expect(loop.queue.isEmpty)
        loop.queue.end(nanoseconds: 100)
        #expect(loop.queue.count == 1)
        #expect(asker.turnAccount.end == Connection.longBurstNanosecondsMin + 100)
    }
}
