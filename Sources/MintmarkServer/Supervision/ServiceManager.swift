import Glibc
import MintmarkStorage
import NIOConcurrencyHelpers
import NIOCore

/// What the service manager is told of the daemon's life: sd_notify(3). Without a manager nothing is told.
///
/// Lock-guarded, so that no message overtakes another: READY never comes before the start is done, and nothing but the
/// watchdog's food after STOPPING.
final class ServiceManager: Sendable {
    private enum Phase {
        case starting
        case serving
        case stopping
    }

    private struct State {
        var phase = Phase.starting
        /// What it says while it serves.
        var status = ""
        /// When the time to start was extended last.
        var extendedMilliseconds: UInt64?
    }

    /// How often the time to start is extended at most, and by how much each time.
    static let extensionIntervalMilliseconds: UInt64 = 1_000
    static let extensionMicroseconds: UInt64 = 30_000_000

    private let state = NIOLockedValueBox(State())
    private let send: (@Sendable (String) -> Void)?
    /// The manager ends a daemon that has not fed it for so long; nil: it does not watch.
    let watchdogMicroseconds: UInt64?

    /// - Parameters:
    ///   - environment: `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
    ///   - send: Takes a message, in place of the socket; for tests.
    init(
        environment: [String: String],
        processID: Int32 = ProcessFacts.id,
        send: (@Sendable (String) -> Void)? = nil
    ) {
        let socket = environment["NOTIFY_SOCKET"].flatMap { NotifySocket(path: $0) }
        if let send {
            self.send = send
        } else if let socket {
            self.send = { _ = socket.send($0) }
        } else {
            self.send = nil
        }
        let isForOther = environment["WATCHDOG_PID"].map { $0 != "\(processID)" } ?? false
        let interval = environment["WATCHDOG_USEC"].flatMap { UInt64($0) } ?? 0
        watchdogMicroseconds = self.send == nil || isForOther || interval == 0 ? nil : interval
    }

    /// Takes the manager's variables out of the environment: they are this process's alone.
    static func forgetVariables() {
        for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] {
            unsetenv(name)
        }
    }

    /// The start goes on, and needs more time.
    func starting(_ status: String, atMilliseconds now: UInt64 = MonotonicClock.milliseconds) {
        tell { state in
            guard state.phase == .starting else { return nil }
            if let last = state.extendedMilliseconds, now < last + Self.extensionIntervalMilliseconds { return nil }
            state.extendedMilliseconds = now
            return ["STATUS=\(status.onOneLine)", "EXTEND_TIMEOUT_USEC=\(Self.extensionMicroseconds)"]
        }
    }

    /// Everything is recovered, and every listener is bound.
    func ready(_ status: String) {
        tell { state in
            guard state.phase == .starting else { return nil }
            state.phase = .serving
            state.status = status.onOneLine
            return ["READY=1", "STATUS=\(state.status)"]
        }
    }

    /// A reload begins. Those of a start or a stop are not told: READY would end them for the manager.
    func reloading() {
        tell { state in
            guard state.phase == .serving else { return nil }
            return [
                "RELOADING=1", "MONOTONIC_USEC=\(Self.monotonicMicroseconds)", "STATUS=Reloading the configuration",
            ]
        }
    }

    /// The reload has ended.
    ///
    /// - Parameter fault: Why nothing was taken over.
    func reloaded(fault: String?) {
        tell { state in
            guard state.phase == .serving else { return nil }
            let note = fault.map { "; not reloaded: \($0.onOneLine)" } ?? ""
            return ["READY=1", "STATUS=\(state.status)\(note)"]
        }
    }

    /// - Parameter seconds: what the stop may take, by the settings.
    func stopping(_ status: String, within seconds: UInt64) {
        tell { state in
            guard state.phase != .stopping else { return nil }
            state.phase = .stopping
            return [
                "STOPPING=1", "STATUS=\(status.onOneLine)", "EXTEND_TIMEOUT_USEC=\(seconds * 1_000_000)",
            ]
        }
    }

    /// The event loops live.
    func feedWatchdog() {
        tell { _ in ["WATCHDOG=1"] }
    }

    private func tell(_ lines: (inout State) -> [String]?) {
        guard let send else { return }
        // Sent under the lock, which waits for nobody, so that messages come in their order.
        state.withLockedValue { state in
            if let lines = lines(&state) { send(lines.joined(separator: "\n")) }
        }
    }

    /// Of CLOCK_MONOTONIC, which the manager compares with.
    private static var monotonicMicroseconds: UInt64 { NIODeadline.now().uptimeNanoseconds / 1_000 }
}
