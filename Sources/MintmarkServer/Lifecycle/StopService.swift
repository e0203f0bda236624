import NIOConcurrencyHelpers
import ServiceLifecycle
import UnixSignals

/// Ends with the first SIGTERM or SIGINT; the group that it is in has to end gracefully with it. Lock-guarded.
///
/// To be kept until the group has ended: while the signals are trapped, further ones kill nobody.
final class StopService: Service {
    private let signals: UnixSignalsSequence
    private let first = NIOLockedValueBox<UnixSignal?>(nil)

    /// Traps the signals; those that come before the group runs count.
    init() async {
        signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    }

    func run() async {
        for await signal in signals.cancelOnGracefulShutdown() {
            first.withLockedValue { $0 = signal }
            return
        }
    }

    /// Why the group ends, for the log.
    var cause: String {
        switch first.withLockedValue(\.self) {
        case UnixSignal.sigterm?: "SIGTERM"
        case UnixSignal.sigint?: "SIGINT"
        default: "a part of the server has ended"
        }
    }
}
