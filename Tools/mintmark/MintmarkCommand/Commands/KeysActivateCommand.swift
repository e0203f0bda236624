import ArgumentParser
import MintmarkClient

/// `mintmark keys activate`
struct KeysActivateCommand: ServerCommand {
    static let name = "keys activate"

    static let configuration = CommandConfiguration(
        commandName: "activate",
        abstract: "Lets a prepared key sign; the one that signed retires.",
        usage: "mintmark keys activate KEY_ID [--immediately] [options]",
        discussion: """
            Example:
              mintmark keys activate KEY_ID

            Tokens of the key before go on being good until they expire.
            """
    )

    @Argument(help: ArgumentHelp("The kid of the key.", valueName: "key-id"))
    var keyID: String

    @Flag(help: ArgumentHelp("Also when not everybody can know the key yet: others may refuse its tokens for a while."))
    var immediately = false

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var output: OutputOptions

    func call(reading input: InputReader) throws(UsageError) -> ServerCall {
        let (keyID, immediately) = (keyID, immediately)
        let timeout = connection.timeout.map { Duration.seconds($0) }
        return { client throws(MintmarkError) in
            try await client.activateKey(keyID, immediately: immediately, timeout: timeout)
            return DoneAnswer.keyActivated
        }
    }
}
