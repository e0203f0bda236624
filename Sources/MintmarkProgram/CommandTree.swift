/// A command of a program, by the name that is typed, and those below it.
package struct CommandTree: Sendable {
    let name: String
    let subcommands: [CommandTree]
    let takesOptions: Bool

    /// - Parameter takesOptions: Whether options of its own may stand between it and those below it.
    package init(_ name: String, _ subcommands: [CommandTree] = [], takesOptions: Bool = false) {
        self.name = name
        self.subcommands = subcommands
        self.takesOptions = takesOptions
    }

    /// Why arguments lead to no command.
    package struct Mistake: Equatable, Sendable {
        enum Kind: Equatable, Sendable {
            /// There is no command of that name; another may have been meant.
            case unknownCommand(suggestion: String?)
            /// It is an option that stands before this command.
            case earlyOption(command: String)
        }

        let kind: Kind
        /// The argument at fault, as it was typed, whatever that is; of an option its name.
        package let argument: String
        /// The commands before it, from the program's name on, with spaces between.
        package let parent: String

        /// A sentence without its end.
        ///
        /// - Parameter shown: what may be shown of the argument.
        package func complaint(naming shown: String) -> String {
            switch kind {
            case .unknownCommand(let suggestion):
                "\(parent) has no command '\(shown)'\(NameSuggestion.question(suggestion))"
            case .earlyOption(let command):
                "options come behind the command, as in '\(parent) \(command) \(shown) …'"
            }
        }
    }

    /// What a parser of arguments would be vague about: it would rather tell of options that it cannot know.
    ///
    /// Only for programs in which a command that has others below it takes no arguments but options.
    package func mistake(in arguments: [String]) -> Mistake? {
        mistake(in: arguments[...], behind: name)
    }

    private func mistake(in arguments: ArraySlice<String>, behind parent: String) -> Mistake? {
        guard let argument = arguments.first, !subcommands.isEmpty, argument != "help" else { return nil }
        guard !argument.hasPrefix("-") else { return earlyOption(arguments, behind: parent) }
        guard let command = subcommands.first(where: { $0.name == argument }) else {
            let suggestion = NameSuggestion.nearest(to: argument, among: subcommands.map(\.name))
            return Mistake(kind: .unknownCommand(suggestion: suggestion), argument: argument, parent: parent)
        }
        return command.mistake(in: arguments.dropFirst(), behind: "\(parent) \(argument)")
    }

    private func earlyOption(_ arguments: ArraySlice<String>, behind parent: String) -> Mistake? {
        guard !takesOptions, let option = arguments.first?.prefix(while: { $0 != "=" }),
            !Self.requestsForHelp.contains(String(option)),
            let command = subcommands.first(where: { arguments.contains($0.name) })
        else { return nil }
        return Mistake(kind: .earlyOption(command: command.name), argument: String(option), parent: parent)
    }

    /// What every command takes.
    private static let requestsForHelp: Set = [
        "-h", "--help", "--help-hidden", "--version", "--generate-completion-script", "--experimental-dump-help",
    ]
}
