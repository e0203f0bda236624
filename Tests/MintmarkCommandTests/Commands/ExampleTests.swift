import ArgumentParser
import MintmarkTestSupport
import Testing

@testable import MintmarkCommand

/// Every command shows how it is used, and what it shows is understood.
@Suite struct ExampleTests {
    private static let commands = all(of: RootCommand.self)

    private static func all(of command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
        [command] + command.configuration.subcommands.flatMap { all(of: $0) }
    }

    /// The lines that call the program.
    private static func examples(of command: any ParsableCommand.Type) -> [String] {
        CommandExamples.lines(of: command.configuration.discussion, calling: "mintmark")
    }

    @Test func everyCommandHasOne() {
        // A command that only groups others leaves it to them.
        for command in Self.commands where command == RootCommand.self || command.configuration.subcommands.isEmpty {
            #expect(!Self.examples(of: command).isEmpty, "\(command.configuration.commandName ?? "")")
        }
    }

    @Test(arguments: commands.flatMap { examples(of: $0) })
    func exampleIsUnderstood(example: String) throws {
        let command = try RootCommand.parseAsRoot(CommandExamples.arguments(of: example))
        #expect(!(command is RootCommand))
    }
}
