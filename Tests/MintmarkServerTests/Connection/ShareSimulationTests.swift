import Testing

@testable import MintmarkServer

/// Who is refused on a loop that is made of numbers, where some ask for more than others.
@Suite struct ShareSimulationTests {
    private static let microsecond: UInt64 = 1_000
    /// The default of `limits.queue_time`.
    private static let limitNanoseconds: UInt64 = 100_000 * microsecond
    private static let busyNanoseconds = 4 * microsecond
    private static let acquaintedNanoseconds: UInt64 = 1_000_000 * microsecond
    private static let endNanoseconds: UInt64 = 6_000_000 * microsecond

    /// A connection that has as many requests underway all the time, and sends the next ones when all are answered.
    private final class Client: SocketLoop.Watched {
        let count: UInt64
        let nanosecondsPerRequest: UInt64
        /// Whether its requests are refused in overload.
        let isDear: Bool
        /// How long it pauses before it asks again.
        let pauseNanoseconds: UInt64
        var left: UInt64 = 0
        /// Since when they have waited.
        var arrival: UInt64 = 0
        var lastBurst: UInt64 = 0
        var lateness = Lateness()
        var turnAccount = TurnQueue.Account(beginning: .requests)
        var (servedCount, refusedCount) = (0, 0)
        /// How long requests have waited for their turn at most, once everybody is known.
        var waitMax: UInt64 = 0

        init(_ count: UInt64, costing nanoseconds: UInt64, isDear: Bool = true, pausing: UInt64 = 0) {
            (self.count, nanosecondsPerRequest, self.isDear, pauseNanoseconds) = (count, nanoseconds, isDear, pausing)
        }

        func descriptorChanged(_ event: Poller.Event) {}
        func turnCame() {}
        func loopEnded() {}
    }

    private struct Loop {
        var queue = TurnQueue()
        var shedding = LoadShedding(limitNanoseconds: limitNanoseconds)
        var now: UInt64 = 0
        var pausing: [(until: UInt64, client: Client)] = []

        mutating func begin(_ client: Client) {
            (client.left, client.arrival) = (client.count, now)
            queue.append(client)
        }

        mutating func run(_ clients: [Client]) throws {
            for client in clients { begin(client) }
            while now < endNanoseconds {
                for (until, client) in pausing where until <= now { begin(client) }
                pausing.removeAll { $0.until <= now }
                guard let client = queue.begin() as? Client else {
                    now = try #require(pausing.map(\.until).min())
                    continue
                }
                serve(client)
            }
        }

        private mutating func serve(_ client: Client) {
            let start = now
            if now > acquaintedNanoseconds { client.waitMax = max(client.waitMax, now - client.arrival) }
            let burst = LoadShedding.Burst(
                now: now,
                arrival: client.arrival,
                lastBurst: client.lastBurst,
                isBeyondShare: queue.isCurrentBeyondShare
            )
            let isShed = shedding.mustShed(burst, own: &client.lateness) && client.isDear
            client.lastBurst = now
            let isLong = client.nanosecondsPerRequest >= Connection.longBurstNanosecondsMin / 4
            let end = start + (isLong ? Connection.turnBurstNanosecondsMax : Connection.promptBurstNanosecondsMax)
            while client.left > 0, now < end {
                now += isShed ? busyNanoseconds : client.nanosecondsPerRequest
                client.left -= 1
                if isShed { client.refusedCount += 1 } else { client.servedCount += 1 }
            }
            if client.left > 0 {
                queue.append(client)
            } else if client.pauseNanoseconds > 0 {
                pausing.append((now + client.pauseNanoseconds, client))
            } else {
                begin(client)
            }
            queue.end(nanoseconds: now - start)
        }
    }

    private struct Scenario: CustomTestStringConvertible {
        let testDescription: String
        /// So many clients, each with so many requests underway.
        let steady: (clientCount: Int, count: UInt64)
        var others: (clientCount: Int, count: UInt64)
        var othersCost: UInt64 = 60 * microsecond
        var areOthersDear = true
        var pause: UInt64 = 0

        func clients() -> (steady: [Client], others: [Client]) {
            (
                (0..<steady.clientCount).map { _ in Client(steady.count, costing: 60 * microsecond) },
                (0..<others.clientCount).map { _ in
                    Client(others.count, costing: othersCost, isDear: areOthersDear, pausing: pause)
                }
            )
        }
    }

    private static let scenarios = [
        Scenario(testDescription: "a batch of 24", steady: (250, 1), others: (1, 24)),
        Scenario(testDescription: "twelve of them", steady: (250, 1), others: (12, 24)),
        Scenario(testDescription: "sixty of them", steady: (450, 1), others: (60, 24)),
        Scenario(testDescription: "eighty of them", steady: (250, 1), others: (80, 24)),
        Scenario(testDescription: "forty beside pairs", steady: (250, 2), others: (40, 24)),
        Scenario(testDescription: "more of them than of the others", steady: (20, 4), others: (60, 200)),
        Scenario(testDescription: "a batch of many turns", steady: (60, 8), others: (1, 200)),
        Scenario(testDescription: "now and then", steady: (60, 8), others: (1, 400), pause: 1_500_000 * microsecond),
        Scenario(testDescription: "a few of a little more than a turn", steady: (60, 8), others: (4, 14)),
        Scenario(
            testDescription: "no end of cheap requests",
            steady: (60, 8),
            others: (1, 100_000),
            othersCost: microsecond / 2,
            areOthersDear: false
        ),
        Scenario(testDescription: "streams that are never answered in time", steady: (150, 1), others: (8, 2_000)),
    ]

    /// The loop serves everybody who asks for as much as most within the limit. Whoever asks for more waits for its own sake,
    /// and is served, too.
    @Test(arguments: scenarios)
    private func whoWaitsForItsOwnSakeHasNobodyElseRefused(scenario: Scenario) throws {
        var loop = Loop()
        let (steady, others) = scenario.clients()
        try loop.run(steady + others)
        #expect(steady.map(\.refusedCount).reduce(0, +) == 0)
        #expect(steady.allSatisfy { $0.servedCount > 0 })
        #expect(others.allSatisfy { $0.servedCount > 0 })
        let waitMax = try #require(steady.map(\.waitMax).max())
        #expect(waitMax <= Self.limitNanoseconds, "\(waitMax)")
    }

    /// Where all ask for as much, and it is too much, most is refused, and no less than a quarter of the time goes into answers.
    @Test(arguments: [(4_000, 1), (400, 12), (120, 100)] as [(Int, UInt64)])
    func tooMuchIsTooMuch(clientCount: Int, count: UInt64) throws {
        var loop = Loop()
        let clients = (0..<clientCount).map { _ in Client(count, costing: 60 * Self.microsecond) }
        try loop.run(clients)
        let refusedCount = clients.map(\.refusedCount).reduce(0, +)
        let servedCount = clients.map(\.servedCount).reduce(0, +)
        #expect(refusedCount > servedCount)
        #expect(UInt64(servedCount) * 60 * Self.microsecond * 4 > Self.endNanoseconds, "\(servedCount)")
    }
}
