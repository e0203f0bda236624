import ArgumentParser
import MintmarkClient

/// `mintmark keys`
struct KeysCommand: ServerCommand {
    static let name = "keys"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Shows the public keys that verify access tokens.",
        usage: "mintmark keys [options]",
        discussion: """
            Examples:
              mintmark keys
              mintmark keys --json > jwks.json

            With --json the answer is a JWK Set (RFC 7517), ready for other verifiers. They see no revocations.
            """
    )

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var output: OutputOptions

    func call(reading input: InputReader) throws(UsageError) -> ServerCall {
        { client throws(MintmarkError) in
            KeysAnswer(keySet: try await client.keys())
        }
    }
}
