import Glibc
import Synchronization

/// The wish of whoever started the process that it should end: the first one is granted with a report, the second at
/// once.
enum Interruption {
    private static let isWanted = Atomic<Bool>(false)

    /// Takes SIGINT and SIGTERM as the wish.
    static func watch() {
        // Made now: a signal handler must not be the first to ask for it.
        isWanted.store(false, ordering: .relaxed)
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM] {
            sigaddset(&signals, number)
            signal(number) { number in
                Interruption.isWanted.store(true, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
        // Whoever started the process may have had them blocked, which is inherited.
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    static var isRequested: Bool { isWanted.load(ordering: .relaxed) }
}
