import ServiceLifecycle
import UnixSignals

/// Reloads on every SIGHUP, until the server stops.
///
/// A hangup of the terminal reloads, too, and stops nothing: with or without nohup(1) the daemon ends by SIGTERM or
/// SIGINT only.
struct ReloadService: Service {
    let reloader: Reloader

    func run() async {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() {
            await reload()
        }
    }

    /// Away from the event loops and from the calling task's actor: it reads files.
    @concurrent private func reload() async {
        reloader.reload()
    }
}
