import ArgumentParser
import MintmarkClient

/// `mintmark keys list`
struct KeysListCommand: ServerCommand {
    static let name = "keys list"

    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Shows the signing keys, and where they are in their lives.",
        usage: "mintmark keys list [options]",
        discussion: """
            Example:
              mintmark keys list
            """
    )

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var output: OutputOptions

    func call(reading input: InputReader) throws(UsageError) -> ServerCall {
        { client throws(MintmarkError) in
            SigningKeysAnswer(keys: try await client.signingKeys())
        }
    }
}
