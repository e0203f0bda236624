import Glibc
import MintmarkSessions
import NIOConcurrencyHelpers

/// The machine's clocks, turned into the three that sessions run on. Lock-guarded; read by each event
/// loop at the beginning of a burst, at most once a millisecond.
///
/// The service clock stands still while the machine sleeps and while the store does not serve, so that neither sleep nor a
/// disk that fails uses up a grace window; store time goes on.
final class ServerClock: Sendable {
    /// What the machine's clocks say, in milliseconds.
    struct Reading: Sendable {
        /// Since 1970-01-01T00:00:00Z.
        var wallMilliseconds: UInt64
        /// Since the machine's start, without the time it slept.
        var awakeMilliseconds: UInt64
        /// Since the machine's start.
        var elapsedMilliseconds: UInt64

        static func now() -> Reading {
            Reading(
                wallMilliseconds: ServerClock.wallMilliseconds,
                awakeMilliseconds: ServerClock.awakeMilliseconds,
                elapsedMilliseconds: ServerClock.milliseconds(of: CLOCK_BOOTTIME)
            )
        }
    }

    private struct State {
        var service: ServiceClock
        var store: StoreClock
        /// The jump that was told last, for as long as it is refused.
        var toldJumpMilliseconds: UInt64 = 0

        /// The jump that store time refuses, once for each.
        mutating func takeRefusedJump() -> UInt64? {
            guard let jump = store.refusedJumpMilliseconds else {
                toldJumpMilliseconds = 0
                return nil
            }
            // One that was told goes on being refused; what comes on top of it by as much as is refused is another.
            guard jump > toldJumpMilliseconds + StoreClock.runningJumpMillisecondsMax else {
                return nil
            }
            toldJumpMilliseconds = jump
            return jump
        }
    }

    /// What it makes of the nanoseconds that the machine has been awake changes whenever a reading may have; nil: every
    /// reading may be another one. Far cheaper than a reading.
    let tick: @Sendable (_ awakeNanoseconds: UInt64) -> UInt64?

    private let read: @Sendable () -> Reading
    private let isServing: @Sendable (_ awakeMilliseconds: UInt64) -> Bool
    private let onRefusedJump: @Sendable (_ seconds: UInt64) -> Void
    private let state: NIOLockedValueBox<State>

    /// - Parameters:
    ///   - persisted: how far the clocks of the store had come; nil for a new one.
    ///   - tick: what changes whenever a reading may have, in the nanoseconds that the machine has been awake.
    ///   - isServing: whether the store serves when the machine has been awake for so long; must be quick.
    ///   - onRefusedJump: called once for each jump ahead of the wall clock that store time does not follow, with its
    ///     length, on whatever thread reads the clock.
    init(
        from persisted: JournalClocks? = nil,
        reading read: @escaping @Sendable () -> Reading = Reading.now,
        tick: @escaping @Sendable (_ awakeNanoseconds: UInt64) -> UInt64? = { $0 / 1_000_000 },
        isServing: @escaping @Sendable (_ awakeMilliseconds: UInt64) -> Bool = { _ in true },
        onRefusedJump: @escaping @Sendable (_ seconds: UInt64) -> Void = { _ in }
    ) {
        self.read = read
        self.isServing = isServing
        self.tick = tick
        self.onRefusedJump = onRefusedJump
        let reading = read()
        state = NIOLockedValueBox(
            State(
                service: ServiceClock(
                    persistedMilliseconds: persisted?.serviceMilliseconds ?? 0,
                    monotonicMilliseconds: reading.awakeMilliseconds
                ),
                store: StoreClock(
                    persistedSeconds: persisted?.storeSeconds,
                    wallMilliseconds: reading.wallMilliseconds,
                    monotonicMilliseconds: reading.elapsedMilliseconds
                )
            )
        )
    }

    func now() -> SessionInstant {
        let (instant, jump) = state.withLockedValue { state in
            let reading = read()
            let wall = reading.wallMilliseconds
            let instant = SessionInstant(
                serviceMilliseconds: state.service.advance(
                    monotonicMilliseconds: reading.awakeMilliseconds,
                    isReady: isServing(reading.awakeMilliseconds)
                ),
                storeSeconds: state.store.advance(
                    wallMilliseconds: wall,
                    monotonicMilliseconds: reading.elapsedMilliseconds
                ),
                wallSeconds: wall / 1_000
            )
            return (instant, state.takeRefusedJump())
        }
        if let jump {
            onRefusedJump(jump / 1_000)
        }
        return instant
    }

    /// By how much the wall clock ran ahead of store time without being believed when the clock was read last; 0: it
    /// did not.
    var refusedJumpSeconds: UInt64 {
        state.withLockedValue { ($0.store.refusedJumpMilliseconds ?? 0) / 1_000 }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    static var wallMilliseconds: UInt64 { milliseconds(of: CLOCK_REALTIME) }

    /// Milliseconds since the machine's start, without the time it slept.
    static var awakeMilliseconds: UInt64 { milliseconds(of: CLOCK_MONOTONIC) }

    /// Nanoseconds since the machine's start, without the time it slept.
    static var awakeNanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Nanoseconds of a processor's time that the calling thread has had. Takes a system call.
    static var threadNanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func milliseconds(of clock: clockid_t) -> UInt64 {
        var time = timespec()
        // All of them exist on every Linux that Swift runs on; before 1970 they stand at 0.
        clock_gettime(clock, &time)
        return UInt64(max(0, time.tv_sec)) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
    }
}
