import Glibc
import MintmarkSessions
import NIOConcurrencyHelpers

/// The machine's clocks, turned into the three that sessions run on. Lock-guarded; read once per burst.
///
/// The service clock stands still while the machine sleeps, so that sleep uses up no grace window; store time goes on.
final class ServerClock: Sendable {
    private struct State {
        var service: ServiceClock
        var store: StoreClock
    }

    private let state: NIOLockedValueBox<State>

    init() {
        state = NIOLockedValueBox(
            State(
                service: ServiceClock(
                    persistedMilliseconds: 0,
                    monotonicMilliseconds: Self.milliseconds(of: CLOCK_MONOTONIC)
                ),
                store: StoreClock(
                    persistedSeconds: nil,
                    wallMilliseconds: Self.wallMilliseconds,
                    monotonicMilliseconds: Self.milliseconds(of: CLOCK_BOOTTIME)
                )
            )
        )
    }

    func now() -> SessionInstant {
        state.withLockedValue { state in
            let wall = Self.wallMilliseconds
            let awake = Self.milliseconds(of: CLOCK_MONOTONIC)
            let elapsed = Self.milliseconds(of: CLOCK_BOOTTIME)
            return SessionInstant(
                serviceMilliseconds: state.service.advance(monotonicMilliseconds: awake, isReady: true),
                storeSeconds: state.store.advance(wallMilliseconds: wall, monotonicMilliseconds: elapsed),
                wallSeconds: wall / 1_000
            )
        }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    static var wallMilliseconds: UInt64 { milliseconds(of: CLOCK_REALTIME) }

    private static func milliseconds(of clock: clockid_t) -> UInt64 {
        var time = timespec()
        // Both clocks exist on every Linux that Swift runs on; before 1970 they stand at 0.
        clock_gettime(clock, &time)
        return UInt64(max(0, time.tv_sec)) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
    }
}
