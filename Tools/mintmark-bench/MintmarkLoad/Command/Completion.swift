import ArgumentParser
import Glibc
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

    /// Nothing was measured, and why.
    init(_ failure: LoadFailure) {
        self.init(failure.exitStatus, errorOutput: "mintmark-bench: \(failure.message)\n")
    }

    /// What the argument parser threw: its requests for help or the version, or a usage error.
    init(parsing error: any Error) {
        let message = RootCommand.fullMessage(for: error) + "\n"
        if RootCommand.exitCode(for: error) == .success {
            self.init(.passed, output: message)
        } else {
            self.init(.usage, errorOutput: message)
        }
    }

    /// Arguments that lead to no command.
    init(_ mistake: CommandTree.Mistake) {
        let text = """
            Error: \(mistake.complaint(naming: mistake.argument.printable))
            Usage: \(mistake.parent) <subcommand> [options]
              See '\(mistake.parent) --help' for the subcommands.

            """
        self.init(.usage, errorOutput: text)
    }

    /// A report, for people on standard output; for programs in a file, or in its place on standard output.
    ///
    /// If the file cannot be written, the report for people is all that is left of the run, and the tool has failed.
    init(_ exitStatus: CommandStatus, text: String, json: JSONValue, jsonPath: String?) {
        switch jsonPath {
        case nil:
            self.init(exitStatus, output: text + "\n")
        case "-":
            self.init(exitStatus, output: json.text + "\n")
        case let path?:
            do throws(SystemFault) {
                try FileBytes.write(Array((json.text + "\n").utf8), to: path)
                self.init(exitStatus, output: text + "\n")
            } catch {
                self.init(
                    exitStatus == .wrongAnswer ? .wrongAnswer : .failed,
                    output: text + "\n",
                    errorOutput: "mintmark-bench: the report cannot be written to \(path): \(error)\n"
                )
            }
        }
    }

    /// Writes everything and ends the process. A report that cannot be written makes it fail.
    func leave() -> Never {
        try? FileBytes.write(Array(errorOutput.utf8), to: STDERR_FILENO)
        do throws(SystemFault) {
            try FileBytes.write(Array(output.utf8), to: STDOUT_FILENO)
            exit(exitStatus.rawValue)
        } catch {
            exit(CommandStatus.failed.rawValue)
        }
    }
}
