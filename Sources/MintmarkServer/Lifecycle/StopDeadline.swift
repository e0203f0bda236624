import Glibc
import Logging
import MintmarkStorage
import ServiceLifecycle
import Synchronization

/// Ends a process whose stop does not come to its end, because a thread waits for a disk that hangs: nobody can cancel
/// that. A stop that gets on, such as with a large last snapshot on a slow disk, has all the time that it needs.
///
/// What was acknowledged was on the disk before, as `storage.durability` promises it, so this loses what a kill would.
final class StopDeadline: Sendable {
    /// What a stop may take when its requests are answered, counted anew while its last snapshot gets on: that, and event
    /// loops that do not end.
    static let afterDrain = Duration.seconds(75)

    struct Times: Sendable {
        /// From the beginning to the end, unless something gets on.
        var whole: Duration
        /// The same from the last step that was seen.
        var afterStep: Duration
        /// From one look at whether something has got on to the next.
        var look: Duration
    }

    private let isMet = Atomic(false)
    private let signal = WakeSignal()

    /// Counts from now, on a thread of its own, until the stop is over.
    ///
    /// - Parameters:
    ///   - progress: changes while something gets on.
    ///   - gotOn: called when it has changed since the last look.
    ///   - end: called when the time is over, at most once.
    func begin(
        _ times: Times,
        progress: @escaping @Sendable () -> UInt64,
        gotOn: @escaping @Sendable () -> Void = {},
        end: @escaping @Sendable () -> Void
    ) {
        SystemThread.start(name: "stop deadline", isInBackground: false) { [self] in
            var deadline = MonotonicClock.milliseconds + UInt64(times.whole.wholeMilliseconds)
            var seen = progress()
            while true {
                let look = MonotonicClock.milliseconds + UInt64(times.look.wholeMilliseconds)
                signal.wait(untilMilliseconds: min(look, deadline))
                guard !isMet.load(ordering: .sequentiallyConsistent) else { return }
                let step = progress()
                if step != seen {
                    seen = step
                    deadline = max(deadline, MonotonicClock.milliseconds + UInt64(times.afterStep.wholeMilliseconds))
                    gotOn()
                } else if MonotonicClock.milliseconds >= deadline {
                    return end()
                }
            }
        }
    }

    /// Says something on a thread of its own, and goes on though nobody takes it: whoever does not may be what hangs.
    static func sayLastWords(within milliseconds: UInt64 = 1_000, _ say: @escaping @Sendable () -> Void) {
        let said = WakeSignal()
        SystemThread.start(name: "last words", isInBackground: false) {
            say()
            said.raise()
        }
        said.wait(untilMilliseconds: MonotonicClock.milliseconds + milliseconds)
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
    let threads: StorageThreads
    let manager: ServiceManager
    let logger: Logger

    private static let lookInterval = Duration.seconds(15)

    func run() async throws {
        try? await gracefulShutdown()
        let afterDrain = StopDeadline.afterDrain
        deadline.begin(
            StopDeadline.Times(whole: drain + afterDrain, afterStep: afterDrain, look: Self.lookInterval),
            progress: { [threads] in threads.progress },
            gotOn: { [manager] in manager.stillStopping(within: UInt64(afterDrain.wholeSeconds)) },
            end: { [logger] in
                StopDeadline.sayLastWords {
                    logger.critical(
                        "the stop has not got on for a long time, as when a disk hangs: ending as a kill would",
                        metadata: [
                            "seconds": .stringConvertible(afterDrain.wholeSeconds),
                            "exit_code": .stringConvertible(DaemonExit.failed.rawValue),
                        ]
                    )
                }
                _exit(DaemonExit.failed.rawValue)
            }
        )
    }
}
