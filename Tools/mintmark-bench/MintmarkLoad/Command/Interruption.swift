import Glibc
import Synchronization

/// The wish of whoever started the process that it should end: the first one is granted with a report, the second at
/// once.
enum Interruption {
    private static let isWanted = Atomic<Bool>(false)
    /// A process that was started by this one and must not outlive it; 0: none.
    private static let companion = Atomic<pid_t>(0)

    /// Takes SIGINT and SIGTERM as the wish.
    static func watch() {
        // Made now: a signal handler must not be the first to ask for it.
        isWanted.store(false, ordering: .relaxed)
        companion.store(0, ordering: .relaxed)
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM] {
            sigaddset(&signals, number)
            signal(number) { number in
                let isSecond = Interruption.isWanted.exchange(true, ordering: .relaxed)
                guard isSecond else { return }
                let processID = Interruption.companion.load(ordering: .relaxed)
                if processID > 0 { kill(processID, SIGKILL) }
                signal(number, SIG_DFL)
                raise(number)
            }
        }
        // Whoever started the process may have had them blocked, which is inherited.
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    /// Lets whoever ends this process at once end another one, too. With 0 no more.
    static func setCompanion(_ processID: pid_t) { companion.store(processID, ordering: .relaxed) }

    static var isRequested: Bool { isWanted.load(ordering: .relaxed) }
}
