import ArgumentParser
import MintmarkClient

/// `mintmark keys import`
struct KeysImportCommand: ServerCommand {
    static let name = "keys import"

    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Takes up a signing key from a file in the server's key directory.",
        usage: "mintmark keys import FILE [options]",
        discussion: """
            Example:
              openssl genpkey -algorithm ed25519 -out DATA_DIRECTORY/keys/next.pem
              mintmark keys import next.pem

            The key does not travel: put the file there yourself, readable by the server's user alone.
            """
    )

    @Argument(help: ArgumentHelp("The file's name, without its directory.", valueName: "file"))
    var file: String

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var output: OutputOptions

    func call(reading input: InputReader) throws(UsageError) -> ServerCall {
        let file = file
        let timeout = connection.timeout.map { Duration.seconds($0) }
        return { client throws(MintmarkError) in
            PreparedKeyAnswer(key: try await client.importKey(file, timeout: timeout))
        }
    }
}
