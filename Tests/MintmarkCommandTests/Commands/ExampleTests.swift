import ArgumentParser
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
        command.configuration.discussion.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("  "), let start = line.firstRange(of: "mintmark ") else { return nil }
            return String(line[start.lowerBound...])
        }
    }

    @Test func everyCommandHasOne() {
        // A command that only groups others leaves it to them.
        for command in Self.commands where command == RootCommand.self || command.configuration.subcommands.isEmpty {
            #expect(!Self.examples(of: command).isEmpty, "\(command.configuration.commandName ?? "")")
        }
    }

    @Test(arguments: commands.flatMap { examples(of: $0) })
    func exampleIsUnderstood(example: String) throws {
        var words: [String] = [""]
        var quote: Character?
        // Without what other programs make of its answer.
        arguments: for character in example {
            switch character {
            case "|", "<", ">", ";", "&":
                guard quote != nil else { break arguments }
                words[words.count - 1].append(character)
            case "'", "\"": quote = quote == nil ? character : quote == character ? nil : quote
            case " " where quote == nil: words.append("")
            default: words[words.count - 1].append(character)
            }
        }
        let command = try RootCommand.parseAsRoot(words.dropFirst().filter { !$0.isEmpty })
        #expect(!(command is RootCommand))
    }
}
