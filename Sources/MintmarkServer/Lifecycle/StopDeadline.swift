import Glibc
import Logging
import MintmarkStorage
import ServiceLifecycle
import Synchronization

/// Ends a process whose stop does not come to its end, because a thread waits for a disk that hangs: nobody can cancel
/// that.
///
/// What was acknowledged was on the disk before, so this loses no more than a kill does.
final class StopDeadline: Sendable {
    /// What a stop may take when its requests are answered: the last snapshot, and event loops that do not end.
    static let afterDrain = Duration.seconds(75)

    private let isMet = Atomic(false)
    private let signal = WakeSignal()

    /// Counts from now: calls `end` on a thread of its own when so much time has passed, unless the stop was over by then.
    func begin(in duration: Duration, _ end: @escaping @Sendable () -> Void) {
        let milliseconds = UInt64(max(0, duration / .milliseconds(1)))
        let deadline = MonotonicClock.milliseconds + milliseconds
        SystemThread.start(name: "stop deadline", isInBackground: false) { [self] in
            signal.wait(untilMilliseconds: deadline)
            if !isMet.load(ordering: .sequentiallyConsistent) { end() }
        }
    }

    /// The stop is over.
    func meet() {
        isMet.store(true, ordering: .sequentiallyConsistent)
        signal.raise()
    }
}

/// Begins the count when a stop begins.
struct StopDeadlineService: Service {
    let deadline: StopDeadline
    /// `limits.shutdown_timeout`.
    let drain: Duration
    let logger: Logger

    func run() async throws {
        try? await gracefulShutdown()
        deadline.begin(in: drain + StopDeadline.afterDrain) { [logger] in
            logger.critical(
                "the stop does not come to its end, because a disk hangs: ending as a kill would",
                metadata: ["exit_code": .stringConvertible(DaemonExit.failed.rawValue)]
            )
            _exit(DaemonExit.failed.rawValue)
        }
    }
}
