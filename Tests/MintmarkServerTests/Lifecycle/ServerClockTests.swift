import MintmarkSessions
import NIOConcurrencyHelpers
import Testing

@testable import MintmarkServer

/// A wall clock that jumps far ahead is not followed, and an operator is told.
@Suite struct ServerClockTests {
    private static let day: UInt64 = 86_400
    private static let start: UInt64 = 1_800_000_000

    /// The machine's clocks as the test sets them, and what the clock under test told.
    private final class Machine: Sendable {
        private struct State {
            var isServing = true
            var wallSeconds = ServerClockTests.start
            var elapsedSeconds: UInt64 = 100
            var toldSeconds: [UInt64] = []
        }

        private let state = NIOLockedValueBox(State())

        var toldSeconds: [UInt64] { state.withLockedValue(\.toldSeconds) }

        func makeClock() -> ServerClock {
            ServerClock(
                reading: { [state] in
                    state.withLockedValue { state in
                        ServerClock.Reading(
                            wallMilliseconds: state.wallSeconds * 1_000,
                            awakeMilliseconds: state.elapsedSeconds * 1_000,
                            elapsedMilliseconds: state.elapsedSeconds * 1_000
                        )
                    }
                },
                isServing: { [state] _ in state.withLockedValue(\.isServing) },
                onRefusedJump: { [state] seconds in state.withLockedValue { $0.toldSeconds.append(seconds) } }
            )
        }

        func pass(seconds: UInt64) {
            state.withLockedValue { state in
                state.wallSeconds += seconds
                state.elapsedSeconds += seconds
            }
        }

        func serve(_ isServing: Bool) {
            state.withLockedValue { $0.isServing = isServing }
        }

        func setWall(_ seconds: UInt64) {
            state.withLockedValue { $0.wallSeconds = seconds }
        }
    }

    @Test(arguments: [(86_399 as UInt64, 0 as UInt64), (86_400, 0), (86_401, 86_401)])
    func jumpOfMoreThanADayIsToldAndNotFollowed(jump: UInt64, refused: UInt64) {
        let machine = Machine()
        let clock = machine.makeClock()
        #expect(clock.refusedJumpSeconds == 0)
        machine.setWall(Self.start + jump)
        let now = clock.now()
        #expect(now.wallSeconds == Self.start + jump)
        #expect(now.storeSeconds == Self.start + jump - refused)
        #expect(clock.refusedJumpSeconds == refused)
        #expect(machine.toldSeconds == (refused == 0 ? [] : [refused]))
    }

    @Test func eachJumpIsToldOnce() {
        let machine = Machine()
        let clock = machine.makeClock()
        machine.setWall(Self.start + 2 * Self.day)
        for _ in 0..<5 {
            machine.pass(seconds: 1_000)
            _ = clock.now()
        }
        #expect(machine.toldSeconds == [2 * Self.day])
        // Another on top of it.
        machine.setWall(Self.start + 4 * Self.day)
        _ = clock.now()
        #expect(machine.toldSeconds == [2 * Self.day, 4 * Self.day - 5_000])
        // It is taken back, and comes again.
        machine.setWall(Self.start + 5_000)
        _ = clock.now()
        #expect(clock.refusedJumpSeconds == 0)
        machine.setWall(Self.start + 2 * Self.day)
        _ = clock.now()
        #expect(machine.toldSeconds.count == 3)
    }

    @Test func serviceClockStandsStillWhileTheStoreDoesNotServe() {
        let machine = Machine()
        let clock = machine.makeClock()
        let began = clock.now()
        machine.pass(seconds: 5)
        #expect(clock.now().serviceMilliseconds == began.serviceMilliseconds + 5_000)
        machine.serve(false)
        machine.pass(seconds: 1_000)
        #expect(clock.now().serviceMilliseconds == began.serviceMilliseconds + 5_000)
        #expect(clock.now().storeSeconds == began.storeSeconds + 1_005)
        machine.serve(true)
        machine.pass(seconds: 1)
        #expect(clock.now().serviceMilliseconds == began.serviceMilliseconds + 6_000)
    }
}
