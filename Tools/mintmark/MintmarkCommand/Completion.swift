import ArgumentParser
import Glibc
import MintmarkClient
import MintmarkProgram

/// The end of a process: what it writes, and its exit status.
struct Completion: Hashable {
    var exitStatus: CommandStatus
    /// For standard output.
    var output: String
    /// For standard error.
    var errorOutput: String

    init(_ exitStatus: CommandStatus, output: String = "", errorOutput: String = "") {
        self.exitStatus = exitStatus
        self.output = output
        self.errorOutput = errorOutput
    }
}

extension Completion {
    /// What the server answered, or why it did not.
    ///
    /// - Parameters:
    ///   - placeVariable: The environment variable that says where the server is, if one does.
    ///   - asJSON: Whether to write one JSON object on one line to standard output, whatever happened.
    ///   - now: The wall clock, in seconds since 1970.
    init(
        _ result: Result<any CommandAnswer, MintmarkError>,
        placeVariable: String? = nil,
        asJSON: Bool,
        at now: UInt64
    ) {
        switch result {
        case .success(let answer):
            self.init(answer.exitStatus, output: (asJSON ? answer.json : answer.text(at: now)) + "\n")
        case .failure(let error):
            let failure = Failure(error, placeVariable: placeVariable)
            if asJSON {
                self.init(failure.exitStatus, output: failure.json + "\n")
            } else {
                self.init(failure.exitStatus, errorOutput: "mintmark: \(failure.text)\n")
            }
        }
    }

    /// What the argument parser threw: its requests for help or the version, or a usage error.
    init(parsing error: any Error, asJSON: Bool) {
        guard RootCommand.exitCode(for: error) != .success else {
            self.init(.done, output: RootCommand.fullMessage(for: error) + "\n")
            return
        }
        let usage = UsageError(Redaction.withoutTokens(RootCommand.message(for: error)))
        let text = Redaction.withoutTokens(RootCommand.fullMessage(for: error)) + "\n"
        self.init(usage, asJSON ? nil : text)
    }

    /// Arguments that lead to no command.
    init(_ mistake: CommandTree.Mistake, asJSON: Bool) {
        let error = UsageError(mistake.complaint(naming: Redaction.withoutTokens(mistake.argument).printable))
        let text = """
            Error: \(error.message)
            Usage: \(mistake.parent) <subcommand> [options]
              See '\(mistake.parent) --help' for the subcommands.

            """
        self.init(error, asJSON ? nil : text)
    }

    /// A usage error, in the argument parser's manner.
    init(_ error: UsageError, of command: any ServerCommand.Type, asJSON: Bool) {
        let text = """
            Error: \(error.message)
            Usage: \(command.configuration.usage ?? command.name)
              See 'mintmark \(command.name) --help' for more information.

            """
        self.init(error, asJSON ? nil : text)
    }

    /// - Parameter text: What people read; nil means that a script reads.
    private init(_ error: UsageError, _ text: String?) {
        if let text {
            self.init(.usage, errorOutput: text)
        } else {
            self.init(.usage, output: error.json + "\n")
        }
    }
}

extension Completion {
    /// Writes everything and ends the process. An answer that cannot be written makes it fail.
    func leave() -> Never {
        let isWritten = CommandOutput.write(output, to: STDOUT_FILENO)
        _ = CommandOutput.write(errorOutput, to: STDERR_FILENO)
        guard isWritten else {
            _ = CommandOutput.write("mintmark: the answer cannot be written to standard output\n", to: STDERR_FILENO)
            exit(CommandStatus.unavailable.rawValue)
        }
        exit(exitStatus.rawValue)
    }
}
