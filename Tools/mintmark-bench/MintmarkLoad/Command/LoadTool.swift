import ArgumentParser
import Glibc
import MintmarkProgram

/// The load tool as a whole: arguments in, a process's last words out.
package enum LoadTool {
    /// Runs the command that the process was started with, and ends the process.
    package static func main() -> Never {
        Interruption.watch()
        raiseDescriptorLimit()
        run(Array(CommandLine.arguments.dropFirst())).leave()
    }

    /// Allows as many connections as the system lets the process have: the usual limit is for programs of another kind.
    private static func raiseDescriptorLimit() {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(resource, &limit)
    }

    /// Runs a command.
    ///
    /// - Parameter arguments: The arguments behind the program's name.
    static func run(_ arguments: [String]) -> Completion {
        if let mistake = RootCommand.tree.mistake(in: arguments) {
            return Completion(mistake)
        }
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

extension ParsableCommand {
    /// The command with those below it.
    fileprivate static var tree: CommandTree {
        CommandTree(configuration.commandName ?? "", configuration.subcommands.map { $0.tree })
    }
}
