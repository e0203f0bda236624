import ArgumentParser

/// `mintmark-bench tokens`
struct TokensCommand: LoadCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens",
        abstract: "Lets the server sign tokens and writes them to a file.",
        discussion: """
            A server knows the tokens it has just signed. To measure how it verifies tokens that it does not know, \
            write them to a file, start the server again, and give the file to peak or run with --tokens. Whoever can \
            read the file can use the tokens.

            Example:
              mintmark-bench tokens --write-tokens cold.txt --distinct-tokens 100000
            """
    )

    @Option(help: ArgumentHelp("Where to write them, one on a line.", valueName: "file"))
    var writeTokens: String

    @Option(help: ArgumentHelp("How many.", valueName: "count"))
    var distinctTokens = LoadOptions.distinctTokensDefault

    @Option(help: "The audience of the tokens.")
    var audience = LoadOptions.audienceDefault

    @OptionGroup var server: ServerOptions

    func measure() throws(LoadFailure) -> Completion {
        guard (1...LoadLimits.countMax).contains(distinctTokens) else {
            throw .usage("--distinct-tokens is 1 to \(LoadLimits.countMax)")
        }
        let connection = try SetupConnection(to: try server.address())
        let tokens = try WorkloadBuilder.signTokens(distinctTokens, audience: audience, on: connection)
        try TokenFile.write(tokens, to: writeTokens)
        return Completion(.passed, output: "\(tokens.count) tokens in \(writeTokens)\n")
    }
}
