import ArgumentParser
import MintmarkClient
import MintmarkWire

/// `mintmark keys export`
struct KeysExportCommand: ServerCommand {
    static let name = "keys export"

    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes the public keys: a JWK Set, or PEM.",
        usage: "mintmark keys export [--pem] [options]",
        discussion: """
            Examples:
              mintmark keys export > jwks.json
              mintmark keys export --pem > keys.pem

            Private keys never leave the server.
            """
    )

    @Flag(help: ArgumentHelp("Write PEM (SubjectPublicKeyInfo), one block for each key. Needs an administrator."))
    var pem = false

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var output: OutputOptions

    func call(reading input: InputReader) throws(UsageError) -> ServerCall {
        let pem = pem
        return { client throws(MintmarkError) in
            guard pem else { return KeySetAnswer(keySet: try await client.keys()) }
            return PublicKeysAnswer(keys: try await client.signingKeys().filter { $0.state != .revoked })
        }
    }
}
