import Dispatch
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import MintmarkServer

/// What the service manager hears, in which order, and when it is fed no more.
@Suite struct ServiceManagerTests {
    private let heard = NIOLockedValueBox<[String]>([])
    private let listens = NIOLockedValueBox(true)

    private var messages: [String] { heard.withLockedValue { $0 } }

    private func manager(_ environment: [String: String] = [:]) -> ServiceManager {
        ServiceManager(environment: environment, processID: 42) { [heard, listens] text in
            guard listens.withLockedValue({ $0 }) else { return false }
            heard.withLockedValue { $0.append(text) }
            return true
        }
    }

    private func listen(_ isListening: Bool) {
        listens.withLockedValue { $0 = isListening }
    }

    @Test func aLifeIsToldInItsOrder() {
        let manager = manager()
        manager.starting("Recovering: 1 %", atMilliseconds: 5_000)
        manager.ready("Serving on 127.0.0.1:7420")
        manager.reloading()
        manager.reloaded(fault: nil)
        manager.reloading()
        manager.reloaded(fault: "a\nb")
        manager.feedWatchdog()
        manager.stopping("Answering", within: 75)
        var texts = messages
        let reloading = texts.indices.filter { texts[$0].hasPrefix("RELOADING=1\nMONOTONIC_USEC=") }
        #expect(reloading == [2, 4])
        for index in reloading { texts[index] = "RELOADING" }
        #expect(
            texts == [
                "STATUS=Recovering: 1 %\nEXTEND_TIMEOUT_USEC=30000000",
                "READY=1\nSTATUS=Serving on 127.0.0.1:7420",
                "RELOADING", "READY=1\nSTATUS=Serving on 127.0.0.1:7420",
                "RELOADING", "READY=1\nSTATUS=Serving on 127.0.0.1:7420; not reloaded: a\\nb",
                "WATCHDOG=1", "STOPPING=1\nSTATUS=Answering\nEXTEND_TIMEOUT_USEC=75000000",
            ]
        )
    }

    /// READY means that everything is recovered and bound, and a stop is not taken back.
    @Test func readyIsNeitherEarlyNorLate() {
        let manager = manager()
        manager.reloading()
        manager.reloaded(fault: nil)
        manager.stillStopping(within: 75)
        #expect(messages.isEmpty)
        manager.stopping("Stopping", within: 75)
        manager.ready("too late")
        manager.starting("too late")
        manager.reloading()
        manager.reloaded(fault: "too late")
        manager.stopping("again", within: 75)
        manager.stillStopping(within: 60)
        #expect(
            messages == ["STOPPING=1\nSTATUS=Stopping\nEXTEND_TIMEOUT_USEC=75000000", "EXTEND_TIMEOUT_USEC=60000000"]
        )
    }

    @Test func theStartIsExtendedOnceASecond() {
        let manager = manager()
        for now: UInt64 in [10_000, 10_999, 11_000, 11_001, 11_999, 12_000] {
            manager.starting("\(now)", atMilliseconds: now)
        }
        #expect(messages.map { $0.prefix(12) } == ["STATUS=10000", "STATUS=11000", "STATUS=12000"])
    }

    @Test func anExtensionThatIsNotTakenIsToldByTheNextCall() {
        let manager = manager()
        listen(false)
        manager.starting("1", atMilliseconds: 10_000)
        listen(true)
        manager.starting("2", atMilliseconds: 10_001)
        manager.starting("3", atMilliseconds: 10_002)
        #expect(messages.map { $0.prefix(8) } == ["STATUS=2"])
    }

    /// What tells of the life is kept and told in its order, the last of each kind; food for the watchdog is not.
    @Test func whatIsNotTakenIsToldAgain() {
        let manager = manager()
        listen(false)
        manager.ready("Serving")
        manager.feedWatchdog()
        #expect(!manager.tellAgain())
        #expect(messages.isEmpty)
        listen(true)
        manager.feedWatchdog()
        #expect(manager.tellAgain() && manager.tellAgain())
        #expect(messages == ["WATCHDOG=1", "READY=1\nSTATUS=Serving"])

        listen(false)
        for fault in ["a", "b"] {
            manager.reloading()
            manager.reloaded(fault: fault)
        }
        manager.stopping("Stopping", within: 75)
        #expect(!manager.tellAgain())
        listen(true)
        #expect(manager.tellAgain())
        #expect(
            messages.dropFirst(2).map { $0.prefix(9) + $0.suffix(4) } == [
                "RELOADINGtion", "READY=1\nSd: b", "STOPPING=0000",
            ]
        )
    }

    /// Whatever comes next tells what was not taken before it.
    @Test func nothingOvertakesWhatWasNotTaken() {
        let manager = manager()
        listen(false)
        manager.ready("Serving")
        listen(true)
        manager.stopping("Stopping", within: 75)
        #expect(messages.map { $0.prefix(8) } == ["READY=1\n", "STOPPING"])
    }

    /// By itself, and for as long as it takes.
    @Test(.timeLimit(.minutes(2)))
    func theServiceTellsAgain() async throws {
        let manager = manager()
        let service = Task { try await UntoldService(manager: manager).run() }
        listen(false)
        manager.ready("Serving")
        listen(true)
        while messages.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        #expect(messages == ["READY=1\nSTATUS=Serving"])
        service.cancel()
        try await service.value
    }

    private static let watchdogs: [([String: String], UInt64?)] = [
        (["WATCHDOG_USEC": "1"], 1), (["WATCHDOG_USEC": "0"], nil), (["WATCHDOG_USEC": "-1"], nil),
        (["WATCHDOG_USEC": "x"], nil), ([:], nil),
        (["WATCHDOG_USEC": "5", "WATCHDOG_PID": "42"], 5), (["WATCHDOG_USEC": "5", "WATCHDOG_PID": "43"], nil),
    ]

    @Test(arguments: watchdogs)
    func theWatchdogIsForThisProcess(environment: [String: String], interval: UInt64?) {
        #expect(manager(environment).watchdogMicroseconds == interval)
        #expect(ServiceManager(environment: environment, processID: 42).watchdogMicroseconds == nil, "nobody to tell")
    }

    /// A loop that hangs starves the watchdog, however well the others are, and feeds it again when it goes on.
    @Test func aLoopThatHangsStopsTheFeeding() async throws {
        let group = try SocketLoopGroup(count: 2)
        let clock = NIOLockedValueBox<UInt64>(1_000)
        let pulse = LoopPulse(group.loops) { clock.withLockedValue { $0 } }
        let service = WatchdogService(manager: manager(), pulse: pulse, intervalMicroseconds: 400_000)
        /// Feeds at `now`, and waits until every loop that does not hang has answered.
        func step(at now: UInt64, hanging: Int? = nil) async throws {
            clock.withLockedValue { $0 = now }
            service.step()
            for (place, loop) in group.loops.enumerated() where place != hanging {
                try await loop.submit {}.get()
            }
        }
        try await step(at: 1_000)
        try await step(at: 1_200)
        #expect(messages.count == 2, "within half of the interval")
        try await step(at: 1_401)
        #expect(messages.count == 2, "a millisecond after it")
        try await step(at: 1_402)
        #expect(messages.count == 3)
        let mayGoOn = DispatchSemaphore(value: 0)
        group.loops[1].execute { mayGoOn.wait() }
        for now: UInt64 in stride(from: 1_500, through: 3_000, by: 100) {
            try await step(at: now, hanging: 1)
        }
        #expect(messages.count == 4 + 1, "1500 and 1600 are within 200 ms of 1402")
        mayGoOn.signal()
        // What it was asked in all that time is answered now.
        try await group.loops[1].submit {}.get()
        try await step(at: 3_001)
        #expect(messages.count == 6)
        await group.stop()
    }

    /// Whoever asks waits for every loop, and for no longer than it wants to.
    @Test func aLoopThatHangsIsFound() async throws {
        let group = try SocketLoopGroup(count: 2)
        let pulse = LoopPulse(group.loops)
        #expect(await pulse.isAnswered(within: .seconds(60)))
        let mayGoOn = DispatchSemaphore(value: 0)
        group.loops[1].execute { mayGoOn.wait() }
        #expect(await !pulse.isAnswered(within: .milliseconds(20)))
        // Its answer to the question of before counts: it comes now.
        async let late = pulse.isAnswered(within: .seconds(60))
        mayGoOn.signal()
        #expect(await late)
        await group.stop()
    }

    /// However many ask at once, each is told.
    @Test func manyMayAsk() async throws {
        let group = try SocketLoopGroup(count: 2)
        let pulse = LoopPulse(group.loops)
        let answers = await withTaskGroup(of: Bool.self) { tasks in
            for _ in 0..<200 { tasks.addTask { await pulse.isAnswered(within: .seconds(60)) } }
            return await tasks.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: true, count: 200))
        await group.stop()
    }
}
