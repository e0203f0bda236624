import Testing

@testable import MintmarkServer

/// Whose turn it is, on a loop that is made of numbers.
@Suite struct TurnQueueTests {
    /// Somebody whose turns take so long. Confined to one test.
    private final class Asker: SocketLoop.Watched {
        /// Of the turns to come, over and over.
        var costs: [UInt64]
        /// Of all that it has had.
        var time: UInt64 = 0
        var turnAccount: TurnQueue.Account
        var count: UInt64 = 0
        /// How many of its turns it has had for its own sake.
        var beyondShareCount: UInt64 = 0

        init(_ costs: UInt64..., beginning: TurnQueue.Beginning = .requests) {
            self.costs = costs
            turnAccount = TurnQueue.Account(beginning: beginning)
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
            if queue.isCurrentBeyondShare { asker.beyondShareCount += 1 }
            let nanoseconds = asker.costs[Int(asker.count) % asker.costs.count]
            asker.count += 1
            asker.time += nanoseconds
            now += nanoseconds
            queue.end(nanoseconds: nanoseconds)
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
            #expect((70...90).contains(asker.time / 1_000_000), "\(asker.costs): \(asker.count)")
        }
    }

    /// Whoever asks for less than an equal share waits for no more than the turn that is being given.
    @Test func whoAsksForLittleIsNext() throws {
        var loop = Loop()
        let modest = Asker(100_000)
        // How long its turns take shows by and by, and how long theirs do.
        for _ in 0..<40 {
            loop.append(modest)
            try loop.give()
        }
        for _ in 0..<32 { loop.append(Asker(800_000)) }
        for _ in 0..<1_000 { try loop.give(asksAgain: true) }
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
                loop.queue.leave(asker)
            }
        }
        let time = steady.map(\.time).reduce(0, +)
        // Each of them counts as much as each newcomer that is there.
        let share = Double(steady.count) / Double(steady.count + clientCount)
        #expect(Double(time) >= 0.8 * share * Double(loop.now), "\(time) of \(loop.now)")
        #expect(steady.allSatisfy { $0.count * 10 > steady[0].count * 9 })
    }

    /// Those who come with next to nothing, and go, do not let handshakes go first that are given up.
    @Test(arguments: [1, 8, 32, 200])
    func cheapNewcomersDoNotHelpDearOnes(cheapCount: Int) throws {
        var loop = Loop()
        let steady = (0..<8).map { _ in Asker(800_000) }
        for asker in steady { loop.append(asker) }
        var there: [ObjectIdentifier: Asker] = [:]
        func come(_ cost: UInt64) {
            let asker = Asker(cost, beginning: cost == 1_000_000 ? .handshake : .requests)
            there[ObjectIdentifier(asker)] = asker
            loop.append(asker)
        }
        for cost in [1_000_000] + [UInt64](repeating: 5_000, count: cheapCount) { come(cost) }
        var dearTime: UInt64 = 0
        while steady[0].count < 200 {
            let asker = try loop.give()
            if asker.turnAccount.beginning == .handshake { dearTime += asker.costs[0] }
            if there.removeValue(forKey: ObjectIdentifier(asker)) == nil {
                loop.append(asker)
            } else {
                loop.queue.leave(asker)
                come(asker.costs[0])
            }
        }
        // As much as each of the others.
        #expect(Double(dearTime) <= 1.25 * Double(steady[0].time), "\(dearTime) and \(steady[0].time)")
    }

    /// One dear first turn keeps those waiting whose own it was, and not those who come later.
    @Test func newcomersWaitForNobodyWhoStays() throws {
        var loop = Loop()
        for _ in 0..<50 { loop.append(Asker(60_000)) }
        loop.append(Asker(1_600_000))
        for _ in 0..<100 { try loop.give(asksAgain: true) }
        for _ in 0..<8 {
            let newcomer = Asker(10_000)
            loop.append(newcomer)
            var turnsCount = 0
            while newcomer.count == 0 {
                let asker = try loop.give()
                if asker !== newcomer { loop.append(asker) }
                turnsCount += 1
            }
            #expect(turnsCount <= 60, "\(turnsCount)")
        }
    }

    /// Whoever leaves has paid, or those pay who come next: dear turns are no cheaper for those who connect anew for each
    /// of them, even with a cheap turn first, of which it would be thought that all are like it.
    @Test(arguments: [1, 2, 4, 8])
    func leavingShedsNoDebt(turnsPerLife: UInt64) throws {
        var loop = Loop()
        let steady = (0..<8).map { _ in Asker(800_000) }
        for asker in steady { loop.append(asker) }
        var cheat = Asker(5_000)
        cheat.costs += [UInt64](repeating: 800_000, count: Int(turnsPerLife))
        loop.append(cheat)
        var time: UInt64 = 0
        while steady[0].count < 400 {
            let asker = try loop.give()
            if asker === cheat, cheat.count == turnsPerLife + 1 {
                loop.queue.leave(cheat)
                time += cheat.time
                let next = Asker(0)
                next.costs = cheat.costs
                cheat = next
            }
            loop.append(asker === steady.first { $0 === asker } ? asker : cheat)
        }
        #expect(Double(time) <= 1.25 * Double(steady[0].time), "\(time) and \(steady[0].time)")
    }

    /// What was left is taken over by those who wait for it: who leaves without having waited leaves it again.
    @Test func whoLeavesBeforeItsTurnTakesNothingAlong() throws {
        var loop = Loop()
        for _ in 0..<2 { loop.append(Asker(800_000)) }
        let dear = Asker(800_000)
        loop.append(dear)
        while dear.count == 0 { try loop.give(asksAgain: true) }
        #expect(loop.queue.legacyNanoseconds(of: .requests) == 0)
        loop.queue.leave(dear)
        let left = loop.queue.legacyNanoseconds(of: .requests)
        #expect((400_000...900_000).contains(left))
        for _ in 0..<10 {
            let visitor = Asker(5_000)
            loop.append(visitor)
            #expect(loop.queue.legacyNanoseconds(of: .requests) == left - left / 4)
            loop.queue.leave(visitor)
            #expect(loop.queue.legacyNanoseconds(of: .requests) == left)
        }
    }

    /// The end of a connection waits for its turn to be read. What was not paid is left at once, and only once.
    @Test func whosePeerEndsLeavesItAtOnce() throws {
        var loop = Loop()
        loop.append(Asker(800_000))
        let ending = Asker(700_000)
        loop.append(ending)
        while ending.count == 0 { try loop.give(asksAgain: true) }
        loop.queue.peerEnded(of: ending)
        let left = loop.queue.legacyNanoseconds(of: .requests)
        #expect((300_000...700_000).contains(left))
        loop.queue.peerEnded(of: ending)
        loop.queue.leave(ending)
        #expect(loop.queue.legacyNanoseconds(of: .requests) == left)
    }

    /// How long the turn took in which somebody leaves is known behind it.
    @Test func whoLeavesInItsTurnLeavesThatToo() {
        var queue = TurnQueue()
        let (waiting, leaving) = (Asker(0), Asker(0))
        queue.append(leaving)
        queue.append(waiting)
        #expect(queue.begin() === leaving)
        queue.leave(leaving)
        #expect(queue.legacyNanoseconds(of: .requests) == 0)
        queue.end(nanoseconds: 700_000)
        #expect(queue.legacyNanoseconds(of: .requests) == 700_000)
        #expect(queue.count == 1)
    }

    /// What nobody had to wait for is owed to nobody.
    @Test func wherePlaceWasForAllNothingIsLeft() {
        var queue = TurnQueue()
        for _ in 0..<100 {
            let handshake = Asker(0)
            queue.append(handshake)
            _ = queue.begin()
            queue.end(nanoseconds: 800_000)
            queue.leave(handshake)
        }
        #expect(queue.legacyNanoseconds(of: .requests) == 0)
    }

    /// However much they have left, those who come later are not kept waiting for ever.
    @Test func whatIsLeftIsBounded() throws {
        var loop = Loop()
        let leaving = (0..<200).map { _ in Asker(TurnQueue.turnNanosecondsMax) }
        let waiting = Asker(0)
        for asker in leaving + [waiting] { loop.append(asker) }
        for asker in leaving { #expect(try loop.give() === asker) }
        for count in 1...leaving.count {
            loop.queue.leave(leaving[count - 1])
            let bound = UInt64(min(count, 64)) * TurnQueue.turnNanosecondsMax
            #expect(loop.queue.legacyNanoseconds(of: .requests) == bound)
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

    /// One turn that took as long as twenty does not make its asker wait for as many of each of the others.
    @Test func oneLongTurnOfManyShortOnesCostsLittle() throws {
        var loop = Loop()
        let (victim, others) = (Asker(50_000), (0..<8).map { _ in Asker(50_000) })
        for asker in [victim] + others { loop.append(asker) }
        for _ in 0..<90 { try loop.give(asksAgain: true) }
        victim.costs = [1_000_000]
        while try loop.give(asksAgain: true) !== victim {}
        victim.costs = [50_000]
        var turnsCount = 0
        while try loop.give(asksAgain: true) !== victim { turnsCount += 1 }
        #expect(turnsCount <= 3 * others.count, "\(turnsCount)")
    }

    /// But it is paid for, in the long run: cheap requests between dear ones make those no cheaper.
    @Test(arguments: [1, 2, 3, 8])
    func dearTurnsBetweenCheapOnesAreCharged(cheapCount: Int) throws {
        var loop = Loop()
        let cheat = Asker(800_000)
        cheat.costs += [UInt64](repeating: 5_000, count: cheapCount)
        let others = (0..<8).map { _ in Asker(800_000) }
        for asker in [cheat] + others { loop.append(asker) }
        while others[0].count < 200 { try loop.give(asksAgain: true) }
        #expect(Double(cheat.time) <= 1.15 * Double(others[0].time), "\(cheat.time) and \(others[0].time)")
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

    /// Those who ask again and again wait for their last turn and the next one; whoever waits for more than that, and a
    /// quarter, does so for its own sake.
    @Test(arguments: [-100, 100])
    func whoWaitsLongestIsBeyondItsShare(excess: Int) throws {
        var loop = Loop()
        let dear = Asker(UInt64(250_000 + excess))
        for _ in 0..<40 {
            loop.append(dear)
            try loop.give()
        }
        let others = (0..<8).map { _ in Asker(100_000) }
        for asker in others { loop.append(asker) }
        for _ in 0..<1_000 { try loop.give(asksAgain: true) }
        for asker in others { asker.beyondShareCount = 0 }
        dear.beyondShareCount = 0
        for _ in 0..<100 { try loop.give(asksAgain: true) }
        loop.append(dear)
        while try loop.give(asksAgain: true) !== dear {}
        #expect(dear.beyondShareCount == (excess > 0 ? 1 : 0))
        #expect(others.allSatisfy { $0.beyondShareCount == 0 })
    }

    /// A batch that comes last, when all others have had what they asked for, has waited for its own sake all the same; and
    /// between turns nobody has.
    @Test func whoComesLastIsBeyondItsShare() throws {
        var loop = Loop()
        let (batch, others) = (Asker(800_000), (0..<8).map { _ in Asker(50_000) })
        for _ in 0..<20 {
            for asker in [batch] + others { loop.append(asker) }
            for _ in 0..<9 {
                try loop.give()
                #expect(!loop.queue.isCurrentBeyondShare)
            }
        }
        #expect(batch.beyondShareCount >= 16)
        #expect(others.allSatisfy { $0.beyondShareCount <= 1 })
    }
}
