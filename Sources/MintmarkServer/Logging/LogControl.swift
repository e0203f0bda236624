import Glibc
import Logging
import NIOConcurrencyHelpers
import Synchronization

/// What the log's handlers have in common: how much is logged, how, and where to. A reload changes it while the server
/// serves. Safe to use from any thread.
final class LogControl: Sendable {
    private let levelPlace: Synchronization.Atomic<Int>
    private let isJSONPlace: Synchronization.Atomic<Bool>
    private let isTerminal: Bool
    /// Locked while a line is written, so that no line is written into another.
    private let output: NIOLockedValueBox<LogOutput>

    /// - Parameters:
    ///   - descriptor: Where lines go.
    ///   - isTerminal: Whether a person reads, unless the settings say otherwise.
    init(_ log: Configuration.Log, descriptor: Int32, isTerminal: Bool) {
        self.isTerminal = isTerminal
        output = NIOLockedValueBox(LogOutput(descriptor))
        levelPlace = Atomic(Self.place(of: log.level))
        isJSONPlace = Atomic(Self.isJSON(log.format, isTerminal: isTerminal))
    }

    /// The log on standard error.
    static func standardError(_ log: Configuration.Log) -> LogControl {
        LogControl(log, descriptor: STDERR_FILENO, isTerminal: isatty(STDERR_FILENO) == 1)
    }

    var level: Logger.Level { Logger.Level.allCases[levelPlace.load(ordering: .relaxed)] }

    var isJSON: Bool { isJSONPlace.load(ordering: .relaxed) }

    /// Takes other settings over; what is logged from now on goes by them.
    func change(to log: Configuration.Log) {
        levelPlace.store(Self.place(of: log.level), ordering: .relaxed)
        isJSONPlace.store(Self.isJSON(log.format, isTerminal: isTerminal), ordering: .relaxed)
    }

    func write(_ line: LogLine) {
        let text = text(of: line)
        output.withLockedValue { output in
            output.write(text) { count in
                var notice = line
                notice.level = .warning
                notice.message = "\(count) lines of the log were lost: nobody took them"
                notice.metadata = [:]
                return self.text(of: notice)
            }
        }
    }

    private func text(of line: LogLine) -> String { (isJSON ? line.json : line.text) + "\n" }

    /// The place in `Logger.Level.allCases`, whose names are the same.
    private static func place(of level: Configuration.Log.Level) -> Int {
        let wanted: Logger.Level =
            switch level {
            case .trace: .trace
            case .debug: .debug
            case .info: .info
            case .notice: .notice
            case .warning: .warning
            case .error: .error
            }
        return Logger.Level.allCases.firstIndex(of: wanted) ?? 0
    }

    static func isJSON(_ format: Configuration.Log.Format, isTerminal: Bool) -> Bool {
        switch format {
        case .auto: !isTerminal
        case .text: false
        case .json: true
        }
    }
}

/// Takes over how much is logged, and how.
struct LogReload: Reloadable {
    static let settings = [Settings.Log.level.name, Settings.Log.format.name]

    let control: LogControl

    let name = "log"

    func prepare(_ configuration: Configuration) -> ReloadStep {
        { [control] in control.change(to: configuration.log) }
    }
}
