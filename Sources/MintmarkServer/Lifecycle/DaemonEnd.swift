import Glibc
import Logging

/// Why the daemon ended otherwise than as asked, as standard error should be told.
package struct DaemonEnd: Error, Sendable {
    /// Whole lines. For people `mintmarkd: ` and the message; where the log is JSON a line for each fault, shaped as the
    /// log's are, so that whoever collects them reads those, too.
    package let text: String
    package let exitCode: Int32

    init(_ error: any Error, isJSON: Bool, wallMilliseconds: UInt64 = ServerClock.wallMilliseconds) {
        let failure = error as? DaemonFailure ?? DaemonFailure("\(error)")
        exitCode = failure.exitCode
        guard isJSON else {
            text = "mintmarkd: \(failure.message)\n"
            return
        }
        let lines = failure.faults.map { fault in
            LogLine(
                level: .critical,
                label: "mintmarkd",
                source: "MintmarkServer",
                message: fault,
                metadata: ["exit_code": .stringConvertible(failure.exitCode)],
                wallMilliseconds: wallMilliseconds
            )
        }
        text = lines.map { "\($0.json)\n" }.joined()
    }
}

extension LogControl {
    /// Whether the log is JSON as far as can be told where the configuration has faults: by the environment, or else by
    /// what standard error is.
    static func isJSON(environment: [String: String], isTerminal: Bool = isatty(STDERR_FILENO) == 1) -> Bool {
        let name = environment[Settings.Log.format.description.environmentName] ?? ""
        return isJSON(Configuration.Log.Format(rawValue: name) ?? .auto, isTerminal: isTerminal)
    }
}
