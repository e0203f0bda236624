import ArgumentParser
import Glibc
import MintmarkClient
import MintmarkProgram

/// The command line as a whole: arguments in, a process's last words out.
package enum CommandLineTool {
    /// Runs the command that the process was started with, and ends the process.
    package static func main() async -> Never {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let completion = await run(arguments, .ofProcess, reading: .standard, at: wallClock())
        completion.leave()
    }

    /// Runs a command.
    ///
    /// - Parameters:
    ///   - arguments: The arguments behind the program's name.
    ///   - variables: What the environment says about the server.
    ///   - input: Where tokens and claims are read from that are not among the arguments.
    ///   - now: The wall clock: seconds since 1970-01-01T00:00:00Z. For what is shown to people only.
    static func run(
        _ arguments: [String],
        _ variables: ServerVariables,
        reading input: InputReader,
        at now: UInt64
    ) async -> Completion {
        if let mistake = RootCommand.tree.mistake(in: arguments) {
            return Completion(mistake, asJSON: OutputOptions.isJSONWanted(by: arguments))
        }
        do {
            var command = try RootCommand.parseAsRoot(KeyIDArguments.ordered(arguments))
            if let command = command as? TopCommand, !command.once {
                return await view(command, variables, at: now)
            }
            if let command = command as? any ServerCommand {
                return await run(command, variables, reading: input, at: now)
            }
            if let command = command as? any LocalCommand {
                return run(command, at: now)
            }
            if command is RootCommand {
                return Completion(.usage, errorOutput: RootCommand.helpMessage() + "\n")
            }
            try command.run()
            return Completion(.done)
        } catch {
            return Completion(parsing: error, asJSON: OutputOptions.isJSONWanted(by: arguments))
        }
    }

    private static func run(
        _ command: some ServerCommand,
        _ variables: ServerVariables,
        reading input: InputReader,
        at now: UInt64
    ) async -> Completion {
        do throws(UsageError) {
            let configuration = try command.connection.configuration(variables)
            let call = try command.call(reading: input)
            let result = await result(of: call, configuration)
            let placeVariable = command.connection.placeVariable(variables)
            return Completion(result, placeVariable: placeVariable, asJSON: command.output.json, at: now)
        } catch {
            return Completion(error, of: type(of: command), asJSON: command.output.json)
        }
    }

    /// Shows frames until somebody ends the process.
    private static func view(_ command: TopCommand, _ variables: ServerVariables, at now: UInt64) async -> Completion {
        do throws(UsageError) {
            try command.checkInterval()
            let configuration = try command.connection.configuration(variables)
            var view = TopView(TopView.style(asJSON: command.output.json))
            let pause = Duration.seconds(command.interval)
            let failure: MintmarkError? = await withMintmarkClient(configuration) { client in
                do throws(MintmarkError) {
                    try await view.run(client, every: pause)
                    return nil
                } catch {
                    return error
                }
            }
            guard let failure else { return Completion(.done) }
            let placeVariable = command.connection.placeVariable(variables)
            return Completion(.failure(failure), placeVariable: placeVariable, asJSON: command.output.json, at: now)
        } catch {
            return Completion(error, of: TopCommand.self, asJSON: command.output.json)
        }
    }

    private static func run(_ command: some LocalCommand, at now: UInt64) -> Completion {
        let isJSON = command.output.json
        do throws(LocalFailure) {
            let answer = try command.perform()
            return Completion(answer.exitStatus, output: (isJSON ? answer.json : answer.text(at: now)) + "\n")
        } catch {
            return isJSON
                ? Completion(.refused, output: error.json + "\n")
                : Completion(.refused, errorOutput: "mintmark: \(error.message)\n")
        }
    }

    private static func result(
        of call: ServerCall,
        _ configuration: MintmarkClient.Configuration
    ) async -> Result<any CommandAnswer, MintmarkError> {
        await withMintmarkClient(configuration) { client in
            do throws(MintmarkError) {
                return .success(try await call(client))
            } catch {
                return .failure(error)
            }
        }
    }

    private static func wallClock() -> UInt64 {
        UInt64(clamping: time(nil))
    }
}

extension ParsableCommand {
    /// The command with those below it.
    fileprivate static var tree: CommandTree {
        CommandTree(configuration.commandName ?? "", configuration.subcommands.map { $0.tree })
    }
}
