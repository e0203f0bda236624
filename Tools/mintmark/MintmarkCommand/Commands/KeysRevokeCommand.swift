import ArgumentParser
import MintmarkClient

/// `mintmark keys revoke`
struct KeysRevokeCommand: ServerCommand {
    static let name = "keys revoke"

    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Refuses a key's tokens, all of them, for good.",
        usage: "mintmark keys revoke KEY_ID [options]",
        discussion: """
            Example:
              mintmark keys revoke KEY_ID

            For a key that others may have got hold of. Where it is the one that signs, another signs at once: the \
            prepared key that was published first, or a new one. Sessions live on.
            """
    )

    @Argument(help: ArgumentHelp("The kid of the key.", valueName: "key-id"))
    var keyID: String

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var output: OutputOptions

    func call(reading input: InputReader) throws(UsageError) -> ServerCall {
        let keyID = keyID
        let timeout = connection.timeout.map { Duration.seconds($0) }
        return { client throws(MintmarkError) in
            RevokedKeyAnswer(signingKeyID: try await client.revokeKey(keyID, timeout: timeout))
        }
    }
}
