/// A command of a program, by the name that is typed, and those below it.
package struct CommandTree: Sendable {
    let name: String
    let subcommands: [CommandTree]

    package init(_ name: String, _ subcommands: [CommandTree] = []) {
        self.name = name
        self.subcommands = subcommands
    }

    /// A command that there is not.
    package struct Unknown: Equatable, Sendable {
        /// As it was typed, whatever that is.
        package let name: String
        /// What may have been meant.
        package let suggestion: String?
        /// Those before it, from the program's name on, with spaces between.
        package let parent: String

        /// A sentence without its end.
        ///
        /// - Parameter shown: what may be shown of the name.
        package func complaint(naming shown: String) -> String {
            "\(parent) has no command '\(shown)'\(NameSuggestion.question(suggestion))"
        }
    }

    /// The command in the arguments that there is not; nil: there is, or none is asked for. A parser of arguments would
    /// rather tell of the options behind it, which it cannot know.
    ///
    /// Only for programs in which a command that has others below it takes no arguments but options of its own.
    package func unknown(in arguments: [String]) -> Unknown? {
        unknown(in: arguments[...], behind: name)
    }

    private func unknown(in arguments: ArraySlice<String>, behind parent: String) -> Unknown? {
        guard let argument = arguments.first, !argument.hasPrefix("-"), argument != "help", !subcommands.isEmpty else {
            return nil
        }
        guard let command = subcommands.first(where: { $0.name == argument }) else {
            let suggestion = NameSuggestion.nearest(to: argument, among: subcommands.map(\.name))
            return Unknown(name: argument, suggestion: suggestion, parent: parent)
        }
        return command.unknown(in: arguments.dropFirst(), behind: "\(parent) \(argument)")
    }
}
