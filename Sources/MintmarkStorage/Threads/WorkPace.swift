import Glibc

/// When a thread that computes for long rests, so that whoever answers requests on the same processor does not wait for it.
///
/// A low priority is not enough for that: a scheduler leaves a thread on its processor for as long as its slice, some
/// milliseconds, though another one with more right to it was woken. A thread that rests is out of the way at once.
///
/// Owned by one thread.
package final class WorkPace {
    /// Short beside a millisecond, which is what a request may wait.
    static let workNanoseconds: UInt64 = 100_000
    /// So that others come to their turn; the timer adds about as much.
    static let restNanoseconds = 50_000

    private let step: () -> Void
    private let isInHurry: () -> Bool
    private let now: () -> UInt64
    private let rest: (_ nanoseconds: Int) -> Void
    private var restedAtNanoseconds: UInt64

    /// - Parameters:
    ///   - now: nanoseconds of a clock that only goes forward.
    ///   - rest: waits for so long.
    ///   - step: called whenever the work has got on.
    ///   - isInHurry: whether somebody waits for the end of the work, so that there is no rest.
    package init(
        now: @escaping () -> UInt64 = { MonotonicClock.nanoseconds },
        rest: @escaping (_ nanoseconds: Int) -> Void = WorkPace.sleep,
        step: @escaping () -> Void = {},
        isInHurry: @escaping () -> Bool = { false }
    ) {
        self.step = step
        self.isInHurry = isInHurry
        self.now = now
        self.rest = rest
        restedAtNanoseconds = now()
    }

    /// Rests if there was enough work since the last time.
    package func restIfDue() {
        step()
        guard now() &- restedAtNanoseconds >= Self.workNanoseconds, !isInHurry() else { return }
        rest(Self.restNanoseconds)
        restedAtNanoseconds = now()
    }

    /// A signal may cut it short: then the rest is shorter.
    package static func sleep(nanoseconds: Int) {
        var time = timespec(tv_sec: 0, tv_nsec: nanoseconds)
        nanosleep(&time, nil)
    }
}
