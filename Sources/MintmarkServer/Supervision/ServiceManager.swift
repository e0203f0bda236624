import Glibc
import MintmarkProgram
import MintmarkStorage
import NIOConcurrencyHelpers
import NIOCore

/// What the service manager is told of the daemon's life: sd_notify(3). Without a manager nothing is told.
///
/// Lock-guarded, so that no message overtakes another: READY never comes before the start is done, and nothing but the
/// watchdog's food after STOPPING. What tells of the life and is not taken is kept and told again (`UntoldService`): a
/// manager that never hears READY ends the start. Food that is not taken is lost, as more comes in time.
final class ServiceManager: Sendable {
    private enum Phase {
        case starting
        case serving
        case stopping
    }

    /// What a message tells of the life. Of each kind only the last one counts.
    private enum Kind {
        case ready
        case reloading
        case stopping
    }

    private struct Message {
        let kind: Kind
        let text: String

        init(_ kind: Kind, _ lines: String...) {
            self.kind = kind
            text = lines.joined(separator: "\n")
        }
    }

    private struct State {
        var phase = Phase.starting
        /// What was not taken yet, in its order: one of each kind at most.
        var untold: [Message] = []
        /// What it says while it serves.
        var status = ""
        /// When the time to start was extended last.
        var extendedMilliseconds: UInt64?

        /// Tells what is untold, up to what is not taken.
        mutating func tellAll(_ send: (String) -> Bool) {
            while let message = untold.first, send(message.text) { untold.removeFirst() }
        }
    }

    /// How often the time to start is extended at most, and by how much each time.
    static let extensionIntervalMilliseconds: UInt64 = 1_000
    static let extensionMicroseconds: UInt64 = 30_000_000

    private let state = NIOLockedValueBox(State())
    /// Whether a message was taken.
    private let send: (@Sendable (String) -> Bool)?
    private let untoldSignal = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    /// The manager ends a daemon that has not fed it for so long; nil: it does not watch.
    let watchdogMicroseconds: UInt64?

    /// - Parameters:
    ///   - environment: `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
    ///   - send: Takes a message, in place of the socket, or does not; for tests.
    init(
        environment: [String: String],
        processID: Int32 = ProcessFacts.id,
        send: (@Sendable (String) -> Bool)? = nil
    ) {
        let socket = environment["NOTIFY_SOCKET"].flatMap { NotifySocket(path: $0) }
        if let send {
            self.send = send
        } else if let socket {
            self.send = { socket.send($0) }
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

    /// Whether there is a manager.
    var isThere: Bool { send != nil }

    /// The start goes on, and needs more time. What is not taken is told by the next call.
    func starting(_ status: String, atMilliseconds now: UInt64 = MonotonicClock.milliseconds) {
        guard let send else { return }
        state.withLockedValue { state in
            guard state.phase == .starting else { return }
            if let last = state.extendedMilliseconds, now < last + Self.extensionIntervalMilliseconds { return }
            let isTaken = send("STATUS=\(status.printable)\nEXTEND_TIMEOUT_USEC=\(Self.extensionMicroseconds)")
            if isTaken { state.extendedMilliseconds = now }
        }
    }

    /// Everything is recovered, and every listener is bound.
    func ready(_ status: String) {
        tell { state in
            guard state.phase == .starting else { return nil }
            state.phase = .serving
            state.status = status.printable
            return Message(.ready, "READY=1", "STATUS=\(state.status)")
        }
    }

    /// A reload begins. Those of a start or a stop are not told: READY would end them for the manager.
    func reloading() {
        tell { state in
            guard state.phase == .serving else { return nil }
            return Message(
                .reloading,
                "RELOADING=1",
                "MONOTONIC_USEC=\(Self.monotonicMicroseconds)",
                "STATUS=Reloading the configuration"
            )
        }
    }

    /// The reload has ended.
    ///
    /// - Parameter fault: Why nothing was taken over.
    func reloaded(fault: String?) {
        tell { state in
            guard state.phase == .serving else { return nil }
            let note = fault.map { "; not reloaded: \($0.printable)" } ?? ""
            return Message(.ready, "READY=1", "STATUS=\(state.status)\(note)")
        }
    }

    /// - Parameter seconds: what the stop may take, by the settings.
    func stopping(_ status: String, within seconds: UInt64) {
        tell { state in
            guard state.phase != .stopping else { return nil }
            state.phase = .stopping
            return Message(
                .stopping,
                "STOPPING=1",
                "STATUS=\(status.printable)",
                "EXTEND_TIMEOUT_USEC=\(seconds * 1_000_000)"
            )
        }
    }

    /// The stop goes on, and needs more time.
    func stillStopping(within seconds: UInt64) {
        guard let send else { return }
        state.withLockedValue { state in
            guard state.phase == .stopping else { return }
            _ = send("EXTEND_TIMEOUT_USEC=\(seconds * 1_000_000)")
        }
    }

    /// The event loops live.
    func feedWatchdog() {
        guard let send else { return }
        state.withLockedValue { _ in _ = send("WATCHDOG=1") }
    }

    private func tell(_ message: (inout State) -> Message?) {
        guard let send else { return }
        // Sent under the lock, which waits for nobody, so that messages come in their order.
        let isAllTold = state.withLockedValue { state in
            guard let message = message(&state) else { return true }
            state.untold.removeAll { $0.kind == message.kind }
            state.untold.append(message)
            state.tellAll(send)
            return state.untold.isEmpty
        }
        if !isAllTold { untoldSignal.continuation.yield() }
    }

    /// An element for what was not taken. To be read by one task.
    var untoldSignals: AsyncStream<Void> { untoldSignal.stream }

    /// Tells again what was not taken; true: nothing is left.
    func tellAgain() -> Bool {
        guard let send else { return true }
        return state.withLockedValue { state in
            state.tellAll(send)
            return state.untold.isEmpty
        }
    }

    /// Of CLOCK_MONOTONIC, which the manager compares with.
    private static var monotonicMicroseconds: UInt64 { NIODeadline.now().uptimeNanoseconds / 1_000 }
}
