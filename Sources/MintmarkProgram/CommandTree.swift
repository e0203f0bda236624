/// A command of a program, by the name that is typed, and those below it.
package struct CommandTree: Sendable {
    let name: String
    let subcommands: [CommandTree]

    package init(_ name: String, _ subcommands: [CommandTree] = []) {
        self.name = name
        self.subcommands = subcommands
    }

    /// What to say of arguments whose command there is not; nil: there is, or none is asked for. A parser of arguments
    /// would rather tell of the options behind it, which it cannot know.
    ///
    /// Only for programs in which a command that has others below it takes no arguments but options of its own.
    package func complaint(about arguments: [String]) -> String? {
        guard let argument = arguments.first, !argument.hasPrefix("-"), argument != "help", !subcommands.isEmpty else {
            return nil
        }
        guard let command = subcommands.first(where: { $0.name == argument }) else {
            let suggestion = NameSuggestion.nearest(to: argument, among: subcommands.map(\.name))
            return "there is no command '\(argument)'\(NameSuggestion.question(suggestion))"
        }
        return command.complaint(about: Array(arguments.dropFirst()))
    }
}
