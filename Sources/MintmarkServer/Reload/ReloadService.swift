import MintmarkStorage
import NIOConcurrencyHelpers
import ServiceLifecycle
import UnixSignals

/// Reloads on every SIGHUP, until the server stops. One that came during the start is answered when that is done.
///
/// The audit log is opened again first, under the name that it has had from the start, whatever becomes of the reload: who
/// rotates logs does not know of an edit of the configuration that is not done.
///
/// A hangup of the terminal reloads, too, and stops nothing: with or without nohup(1) the daemon ends by SIGTERM or
/// SIGINT only.
struct ReloadService: Service {
    let requests: ReloadRequests
    private let audit: AuditLog?
    private let hangups: UnixSignalsSequence

    /// - Parameters:
    ///   - audit: Nil: none is kept.
    ///   - hangups: SIGHUP, trapped since the beginning of the start.
    init(reloader: Reloader, audit: AuditLog?, hangups: UnixSignalsSequence) {
        requests = ReloadRequests(reloader)
        self.audit = audit
        self.hangups = hangups
    }

    func run() async {
        for await _ in hangups.cancelOnGracefulShutdown() {
            audit?.reopen()
            requests.submit()
        }
        requests.close()
    }
}

/// Reloads on a thread of its own, one reload after the other: files may lie on a disk that hangs, and neither an event
/// loop nor the stop waits for those.
final class ReloadRequests: Sendable {
    private struct State {
        var isRunning = false
        /// Signals that come while a reload runs are answered by one more.
        var isWanted = false
    }

    private let state = NIOLockedValueBox(State())
    private let reloader: Reloader

    init(_ reloader: Reloader) {
        self.reloader = reloader
    }

    /// Whether a reload runs, or is about to.
    var isRunning: Bool { state.withLockedValue { $0.isRunning } }

    /// Asks for a reload. Never waits.
    func submit() {
        let begins = state.withLockedValue { state in
            state.isWanted = true
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard begins else { return }
        SystemThread.start(name: "reload", isInBackground: false) { [self] in
            while takeRequest() {
                reloader.reload()
            }
        }
    }

    /// From now on nothing is taken over. Waits for what is being taken over, which waits for nobody; not for what is
    /// still being read.
    func close() {
        reloader.close()
    }

    private func takeRequest() -> Bool {
        state.withLockedValue { state in
            state.isRunning = state.isWanted
            state.isWanted = false
            return state.isRunning
        }
    }
}
