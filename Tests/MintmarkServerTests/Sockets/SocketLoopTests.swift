import Dispatch
import Foundation
import MintmarkStorage
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import MintmarkServer

/// The loop of sockets as one of NIO's loops: tasks, timers and futures.
@Suite struct SocketLoopTests {
    private func withLoop(_ body: (SocketLoop) async throws -> Void) async throws {
        let group = try SocketLoopGroup(count: 1)
        do {
            try await body(group.loops[0])
        } catch {
            await group.stop()
            throw error
        }
        await group.stop()
    }

    @Test func tasksRunInTheirOrderOnTheLoop() async throws {
        try await withLoop { loop in
            let seen = NIOLockedValueBox<[Int]>([])
            for number in 0..<100 {
                loop.execute {
                    loop.preconditionInEventLoop()
                    seen.withLockedValue { $0.append(number) }
                }
            }
            let isInside = try await loop.submit { loop.inEventLoop }.get()
            #expect(isInside)
            #expect(!loop.inEventLoop)
            let isCurrent = try await loop.submit { SocketLoop.current === loop }.get()
            #expect(isCurrent)
            #expect(SocketLoop.current == nil)
            #expect(seen.withLockedValue { $0 } == Array(0..<100))
        }
    }

    @Test func errorOfATaskIsThatOfItsFuture() async throws {
        struct Planted: Error {}
        try await withLoop { loop in
            await #expect(throws: Planted.self) { try await loop.submit { throw Planted() }.get() }
            let timer = loop.scheduleTask(in: .zero) { throw Planted() }
            await #expect(throws: Planted.self) { try await timer.futureResult.get() }
        }
    }

    /// Timers fire by their deadlines, and those of one moment in the order in which they were set.
    @Test func timersFireInTheOrderOfTheirDeadlines() async throws {
        try await withLoop { loop in
            let seen = NIOLockedValueBox<[Int]>([])
            // All of them are set before the loop looks at any.
            let timers = try await loop.submit {
                let now = NIODeadline.now()
                return [3, 1, 2, 1, 3].enumerated().map { index, milliseconds in
                    loop.scheduleTask(deadline: now + .milliseconds(Int64(milliseconds))) {
                        seen.withLockedValue { $0.append(index) }
                    }
                }
            }
            .get()
            for timer in timers { try await timer.futureResult.get() }
            #expect(seen.withLockedValue { $0 } == [1, 3, 2, 0, 4])
        }
    }

    @Test func timerFiresNotBeforeItsTime() async throws {
        try await withLoop { loop in
            for microseconds in [1, 50, 999, 1_500] as [Int64] {
                let deadline = NIODeadline.now() + .microseconds(microseconds)
                let fired = try await loop.scheduleTask(deadline: deadline) { NIODeadline.now() }.futureResult.get()
                #expect(fired >= deadline)
            }
        }
    }

    @Test func cancelledTimerDoesNothing() async throws {
        try await withLoop { loop in
            let hasFired = NIOLockedValueBox(false)
            // On the loop, which does nothing else meanwhile.
            let timer = try await loop.submit {
                let timer = loop.scheduleTask(in: .milliseconds(1)) { hasFired.withLockedValue { $0 = true } }
                timer.cancel()
                return timer
            }
            .get()
            await #expect(throws: EventLoopError.self) { try await timer.futureResult.get() }
            try await loop.scheduleTask(in: .milliseconds(2)) {}.futureResult.get()
            #expect(!hasFired.withLockedValue { $0 })
        }
    }

    /// A loop that ends leaves nobody waiting: what it was given before is done, and timers are told that it ends.
    @Test func endLeavesNobodyWaiting() async throws {
        let group = try SocketLoopGroup(count: 2)
        let timers = group.loops.map { $0.scheduleTask(in: .hours(1)) {} }
        let doneCount = NIOLockedValueBox(0)
        for loop in group.loops { loop.execute { doneCount.withLockedValue { $0 += 1 } } }
        let outcomes = NIOLockedValueBox<[Bool]>([])
        for timer in timers {
            timer.futureResult.whenFailure { error in
                outcomes.withLockedValue { $0.append(error as? EventLoopError == .shutdown) }
            }
        }
        await group.stop()
        #expect(outcomes.withLockedValue { $0 } == [true, true])
        #expect(doneCount.withLockedValue { $0 } == 2)
        // Twice is as good as once, and what comes later is given up.
        await group.stop()
        group.loops[0].execute { Issue.record("a loop that has ended works") }
    }

    /// What waits for the loop to be idle waits behind every task, however many they bring about, but not for ever.
    @Test func idleTaskComesWhenNothingElseIsToBeDone() async throws {
        try await withLoop { loop in
            let promise = loop.makePromise(of: Int.self)
            let tasksCount = NIOLoopBoundBox.makeBoxSendingValue(0, eventLoop: loop)
            loop.execute {
                loop.executeWhenIdle(within: .hours(1)) { promise.succeed(tasksCount.value) }
                loop.chain(of: 1_000, tasksCount)
            }
            let count = try await promise.futureResult.get()
            #expect(count == 1_000)
        }
    }

    @Test func idleTaskComesInTimeThoughTheLoopIsNeverIdle() async throws {
        try await withLoop { loop in
            let promise = loop.makePromise(of: NIODeadline.self)
            let tasksCount = NIOLoopBoundBox.makeBoxSendingValue(0, eventLoop: loop)
            let due = NIODeadline.now() + .milliseconds(2)
            loop.execute {
                loop.executeWhenIdle(within: .milliseconds(2)) {
                    promise.succeed(.now())
                    tasksCount.value = .max / 2
                }
                loop.chain(of: .max / 2, tasksCount)
            }
            let time = try await promise.futureResult.get()
            #expect(time >= due)
        }
    }

    /// As the loop finds it behind a stop of its process: one wait does not tell of all of it, and some has turns to wait for.
    @Test(arguments: [1, Poller.eventsMax, Poller.eventsMax + 20])
    func whatHasComeGoesBeforeATimerThatIsDue(count: Int) async throws {
        try await withLoop { loop in
            let promise = loop.makePromise(of: Int.self)
            loop.execute {
                let turns = Turns()
                loop.assumeIsolated().scheduleTask(deadline: .now()) { promise.succeed(turns.count) }
                do {
                    for _ in 0..<count {
                        let pipe = Pipe()
                        try pipe.fileHandleForWriting.write(contentsOf: [1])
                        let new = Turns()
                        let descriptor = pipe.fileHandleForReading.fileDescriptor
                        let tag = try loop.watchListener(descriptor, for: new)
                        new.onEvent = { _ in
                            loop.forget(descriptor, tag: tag)
                            try? pipe.fileHandleForReading.close()
                            loop.putOff(turns)
                        }
                    }
                } catch {
                    promise.fail(error)
                }
            }
            let found = try await promise.futureResult.get()
            #expect(found == count)
        }
    }

    /// A timer is run at last, whatever comes.
    @Test func timersRunThoughThereIsAlwaysSomething() async throws {
        try await withLoop { loop in
            let pipe = Pipe()
            let promise = loop.makePromise(of: Void.self)
            loop.execute {
                do {
                    try pipe.fileHandleForWriting.write(contentsOf: [1])
                    _ = try loop.watchListener(pipe.fileHandleForReading.fileDescriptor, for: Turns())
                } catch {
                    promise.fail(error)
                }
                loop.scheduleTask(deadline: .now()) { promise.succeed(()) }
            }
            try await promise.futureResult.get()
            try pipe.fileHandleForReading.close()
        }
    }

    /// Each turn takes as long as all of them may together.
    @Test func whatIsNewComesBeforeEverybodyHadATurn() async throws {
        try await withLoop { loop in
            let promise = loop.makePromise(of: Int.self)
            loop.execute {
                let turns = Turns()
                turns.onTurn = { count in
                    spin(SocketLoop.turnsDuration)
                    if count == 1 { loop.assumeIsolated().execute { promise.succeed(turns.count) } }
                }
                for _ in 0..<20 { loop.putOff(turns) }
            }
            let found = try await promise.futureResult.get()
            #expect(found == 1)
        }
    }

    /// What is new can be much, time and again, and whoever has to wait for it has the same time then.
    @Test func turnsLastAsLongAsWhatWasNew() async throws {
        try await withLoop { loop in
            let promise = loop.makePromise(of: Int.self)
            let pipe = Pipe()
            loop.execute {
                let turns = Turns()
                turns.onTurn = { _ in spin(.milliseconds(1)) }
                for _ in 0..<50 { loop.putOff(turns) }
                let new = Turns()
                new.onEvent = { count in
                    if count == 1 { return spin(.milliseconds(50)) }
                    promise.succeed(turns.count)
                    new.onEvent = { _ in }
                }
                do {
                    // It is told of again as long as nobody reads from it.
                    try pipe.fileHandleForWriting.write(contentsOf: [1])
                    _ = try loop.watchListener(pipe.fileHandleForReading.fileDescriptor, for: new)
                } catch {
                    promise.fail(error)
                }
            }
            let found = try await promise.futureResult.get()
            try pipe.fileHandleForReading.close()
            // A machine that lets us wait takes a part of them.
            #expect(found > 1)
        }
    }

    @Test func everybodyGetsATurnInTheOrderOfAsking() async throws {
        try await withLoop { loop in
            let promise = loop.makePromise(of: [Int].self)
            loop.execute {
                let order = Order()
                for number in 0..<40 {
                    let turns = Turns()
                    turns.onTurn = { count in
                        work(nanoseconds: 100_000)
                        order.numbers.append(number)
                        // Once more, behind all that wait.
                        if count == 1 { loop.putOff(turns) }
                        if order.numbers.count == 80 { promise.succeed(order.numbers) }
                    }
                    loop.putOff(turns)
                }
            }
            let found = try await promise.futureResult.get()
            #expect(found.prefix(40) == Array(0..<40)[...])
            #expect(Set(found.suffix(40)).count == 40)
        }
    }

    /// Whoever looks away in its turn, as a connection does that ends, leaves that turn to newcomers.
    @Test func whoEndsInItsTurnLeavesIt() async throws {
        try await withLoop { loop in
            let promise = loop.makePromise(of: UInt64.self)
            let pipe = Pipe()
            loop.execute {
                let (leaving, waiting) = (Turns(), Turns())
                do {
                    let descriptor = pipe.fileHandleForReading.fileDescriptor
                    let tag = try loop.watchListener(descriptor, for: leaving)
                    leaving.onTurn = { _ in
                        work(nanoseconds: 500_000)
                        loop.forget(descriptor, tag: tag)
                    }
                } catch {
                    promise.fail(error)
                }
                waiting.onTurn = { _ in promise.succeed(loop.turns.legacyNanoseconds(of: .requests)) }
                loop.putOff(leaving)
                loop.putOff(waiting)
            }
            let left = try await promise.futureResult.get()
            try pipe.fileHandleForReading.close()
            #expect(left >= 500_000)
        }
    }

    /// What is to be done in time is so between two turns, not behind all of them.
    @Test func idleTaskWhoseTimeIsOverComesBetweenTurns() async throws {
        try await withLoop { loop in
            let promise = loop.makePromise(of: [Int].self)
            loop.execute {
                let order = Order()
                for number in 0..<3 {
                    let turns = Turns()
                    turns.onTurn = { _ in
                        order.numbers.append(number)
                        if number == 0 { loop.executeWhenIdle(within: .zero) { order.numbers.append(-1) } }
                        if number == 2 { promise.succeed(order.numbers) }
                    }
                    loop.putOff(turns)
                }
            }
            let found = try await promise.futureResult.get()
            #expect(found == [0, -1, 1, 2])
        }
    }

    /// A loop that goes idle wakes the journal, though the one whose event came first never does.
    @Test func aLoopThatIsIdleWaitsForNoOther() async throws {
        let group = try SocketLoopGroup(count: 2)
        let signal = WakeSignal()
        let (stands, goesOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let promise = group.loops[1].makePromise(of: Void.self)
        group.loops[0].execute {
            ServerStorage.wake(signal)
            stands.signal()
            goesOn.wait()
        }
        group.loops[1].execute {
            stands.wait()
            ServerStorage.wake(signal)
            promise.succeed()
        }
        try await promise.futureResult.get()
        let isRaised = await Task(executorPreference: BlockingThreads()) {
            let patience = MonotonicClock.milliseconds + 60_000
            signal.wait(untilMilliseconds: patience)
            return MonotonicClock.milliseconds < patience
        }.value
        #expect(isRaised)
        goesOn.signal()
        await group.stop()
    }

    @Test func loopsTakeTurns() async throws {
        let group = try SocketLoopGroup(count: 3)
        let turns = (0..<6).map { _ in group.loops.firstIndex { [loop = group.next()] in $0 === loop } }
        #expect(turns == [0, 1, 2, 0, 1, 2])
        await group.stop()
    }
}

/// Somebody with a turn, for each of which it calls a closure. Confined to its loop.
private final class Turns: SocketLoop.Watched {
    var count = 0
    var turnAccount = TurnQueue.Account(beginning: .requests)
    var onTurn: (Int) -> Void = { _ in }
    private var eventCount = 0
    var onEvent: (Int) -> Void = { _ in }

    func descriptorChanged(_ event: Poller.Event) {
        eventCount += 1
        onEvent(eventCount)
    }

    func turnCame() {
        count += 1
        onTurn(count)
    }

    func loopEnded() {}
}

/// Keeps the loop busy.
private func spin(_ duration: TimeAmount) {
    let end = NIODeadline.now() + duration
    while NIODeadline.now() < end {}
}

/// Takes so much of a processor, which is what turns are shared by.
private func work(nanoseconds: UInt64) {
    let start = ServerClock.threadNanoseconds
    while ServerClock.threadNanoseconds - start < nanoseconds {}
}

private final class Order {
    var numbers: [Int] = []
}

extension SocketLoop {
    /// So many tasks, each of which brings about the next.
    fileprivate func chain(of count: Int, _ done: NIOLoopBoundBox<Int>) {
        execute {
            done.value += 1
            if done.value < count { self.chain(of: count, done) }
        }
    }
}
