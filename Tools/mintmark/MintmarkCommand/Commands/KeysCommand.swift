import ArgumentParser
import MintmarkClient

/// `mintmark keys`
struct KeysCommand: ServerCommand {
    static let name = "keys"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Shows the keys that verify access tokens, and changes those that sign them.",
        usage: """
            mintmark keys [options]
            mintmark keys <subcommand> [options]
            """,
        discussion: """
            Examples:
              mintmark keys
              mintmark keys --json > jwks.json
              mintmark keys list
              mintmark keys prepare
              mintmark keys activate KEY_ID
              mintmark keys revoke KEY_ID

            Without a subcommand it shows the published keys. With --json they are a JWK Set (RFC 7517), ready for other \
            verifiers. They see no revocations.

            The server replaces its keys by itself. What the subcommands do is for administrators: a key is prepared, so \
            that everybody knows it in time; then it is activated, and the one before retires; a key that was stolen is \
            revoked.
            """,
        subcommands: [
            KeysExportCommand.self, KeysListCommand.self, KeysPrepareCommand.self, KeysActivateCommand.self,
            KeysRevokeCommand.self, KeysImportCommand.self,
        ]
    )

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var output: OutputOptions

    func call(reading input: InputReader) throws(UsageError) -> ServerCall {
        { client throws(MintmarkError) in
            KeysAnswer(keySet: try await client.keys())
        }
    }
}
