import ArgumentParser
import Glibc

/// The load tool as a whole: arguments in, a process's last words out.
package enum LoadTool {
    /// Runs the command that the process was started with, and ends the process.
    package static func main() -> Never {
        Interruption.watch()
        run(Array(CommandLine.arguments.dropFirst())).leave()
    }

    /// Runs a command.
    ///
    /// - Parameter arguments: The arguments behind the program's name.
    static func run(_ arguments: [String]) -> Completion {
        do {
            var command = try RootCommand.parseAsRoot(arguments)
            if let command = command as? any LoadCommand {
                return run(command)
            }
            if command is RootCommand {
                return Completion(.usage, errorOutput: RootCommand.helpMessage() + "\n")
            }
            try command.run()
            return Completion(.passed)
        } catch {
            return Completion(parsing: error)
        }
    }

    private static func run(_ command: some LoadCommand) -> Completion {
        do throws(LoadFailure) {
            return try command.measure()
        } catch {
            return Completion(error)
        }
    }
}

/// A command that asks a server.
protocol LoadCommand: ParsableCommand {
    /// Does everything, and says what came out.
    func measure() throws(LoadFailure) -> Completion
}
