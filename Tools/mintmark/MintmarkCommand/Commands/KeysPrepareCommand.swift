import ArgumentParser
import MintmarkClient

/// `mintmark keys prepare`
struct KeysPrepareCommand: ServerCommand {
    static let name = "keys prepare"

    static let configuration = CommandConfiguration(
        commandName: "prepare",
        abstract: "Makes a new signing key and publishes it.",
        usage: "mintmark keys prepare [options]",
        discussion: """
            Example:
              mintmark keys prepare

            It does not sign before it is activated. Each call makes a key.
            """
    )

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var output: OutputOptions

    func call(reading input: InputReader) throws(UsageError) -> ServerCall {
        let timeout = connection.timeout.map { Duration.seconds($0) }
        return { client throws(MintmarkError) in
            PreparedKeyAnswer(key: try await client.prepareKey(timeout: timeout))
        }
    }
}
