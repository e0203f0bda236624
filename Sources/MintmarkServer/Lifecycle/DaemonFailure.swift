import Glibc

/// How the daemon ends, as its help and its manual tell.
package enum DaemonExit: Int32, Sendable, CaseIterable {
    case stopped = 0
    case failed = 1
    case usage = 2
    case address = 3
    case store = 4
    case directory = 5
    case keys = 6
    case tls = 7
    case audit = 8
    case readyFile = 9

    /// What it means, as the end of a sentence.
    package var meaning: String {
        switch self {
        case .stopped: "stopped as asked"
        case .failed: "failed, for a reason that has no code of its own"
        case .usage: "wrong usage, or a configuration with faults; each is told with its place"
        case .address: "cannot listen on an address or a socket's path"
        case .store: "what is kept in the data directory cannot be used as it is: nothing of it was changed"
        case .directory: "the data directory cannot be used: others can reach it, it is in use, or it cannot be made"
        case .keys: "a master key, a signing key, or the passphrase of one cannot be used"
        case .tls: "a certificate or a key of TLS cannot be used"
        case .audit: "the audit log cannot be opened"
        case .readyFile: "the ready file cannot be written"
        }
    }

    /// - Parameter parserCode: what the parser of arguments makes of an error that is not the daemon's own: 0 where it was
    ///   none, such as a request for help, 64 for wrong usage, another for anything that somebody else has thrown.
    package init(parserCode: Int32) {
        self =
            switch parserCode {
            case EXIT_SUCCESS: .stopped
            case EX_USAGE: .usage
            default: .failed
            }
    }

    /// How long a line may be that no terminal of 80 columns breaks.
    package static let tableColumnsMax = 79

    /// All of them, each on lines of its own, with so many spaces before it.
    package static func table(indent: Int) -> String {
        let space = String(repeating: " ", count: indent)
        return allCases.map { exit in
            var lines = ["\(space)\(exit.rawValue) "]
            for word in exit.meaning.split(separator: " ") {
                if lines[lines.count - 1].count + 1 + word.count > tableColumnsMax {
                    lines.append(space + "  ")
                }
                lines[lines.count - 1] += " \(word)"
            }
            return lines.joined(separator: "\n")
        }
        .joined(separator: "\n")
    }
}

/// Why the daemon did not start or had to end: what, where and what to do in one line for the operator, and the exit code.
package struct DaemonFailure: Error, Sendable {
    package static let usageExitCode = DaemonExit.usage.rawValue

    package let message: String
    package let exitCode: Int32
    /// What the message tells, each of it in a line of its own that can stand alone.
    let faults: [String]
    /// All of it in one line.
    let line: String

    init(_ message: String, _ exit: DaemonExit = .failed) {
        self.init(message, exitCode: exit.rawValue)
    }

    init(_ message: String, exitCode: Int32) {
        self.message = message
        self.exitCode = exitCode
        faults = [message]
        line = message
    }

    init(_ errors: ConfigurationErrors) {
        message = "the configuration has faults:\n\(errors)"
        exitCode = Self.usageExitCode
        faults = errors.faults.map { "the configuration has a fault: \($0)" }
        let all = errors.faults.map(\.description).joined(separator: "; ")
        line = "the configuration has \(errors.faults.count == 1 ? "a fault" : "faults"): \(all)"
    }
}
