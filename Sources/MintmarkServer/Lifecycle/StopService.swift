import NIOConcurrencyHelpers
import ServiceLifecycle
import UnixSignals

/// Ends with the first SIGTERM or SIGINT; the group that it is in has to end gracefully with it. Lock-guarded.
///
/// To be kept until the group has ended: while the signals are trapped, further ones kill nobody.
final class StopService: Service {
    /// All signals, for whoever waits for the first, and once more for whoever waits for one behind it.
    private let starts: AsyncStream<UnixSignal>
    private let all: AsyncStream<UnixSignal>
    private let first = NIOLockedValueBox<UnixSignal?>(nil)
    private let trap: Task<Void, Never>

    /// Traps the signals; those that come before the group runs count.
    init() async {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let (starts, start) = AsyncStream.makeStream(of: UnixSignal.self)
        let (all, every) = AsyncStream.makeStream(of: UnixSignal.self)
        self.starts = starts
        self.all = all
        trap = Task {
            for await signal in signals {
                every.yield(signal)
                start.yield(signal)
            }
        }
    }

    deinit {
        trap.cancel()
    }

    func run() async {
        for await signal in starts.cancelOnGracefulShutdown() {
            first.withLockedValue { $0 = signal }
            return
        }
    }

    /// Waits for a signal behind the one that ends the group; where the group ends for another reason, for the first.
    /// Returns, too, when the task is cancelled. To be called once.
    func another() async {
        var count = first.withLockedValue { $0 == nil } ? 1 : 2
        for await _ in all {
            count -= 1
            if count == 0 { return }
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
