import ArgumentParser
import MintmarkClient

/// `mintmark introspect`
struct IntrospectCommand: ServerCommand {
    static let name = "introspect"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Tells what a refresh token is, without using it.",
        usage: "mintmark introspect [TOKEN | -] [options]",
        discussion: """
            Examples:
              mintmark introspect mmrt_...
              mintmark introspect --json < refresh-token

            Changes nothing, and is never taken for reuse. Exit code 0 means that a refresh would be answered with \
            tokens now, 1 that it would be refused.
            """
    )

    @Argument(help: ArgumentHelp("The refresh token. Without it, or with -, it is read from standard input."))
    var token: String?

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var output: OutputOptions

    func call(reading input: InputReader) throws(UsageError) -> ServerCall {
        let token = try TokenInput.refreshToken(token, reading: input, withAccessToken: "mintmark verify judges it")
        return { client throws(MintmarkError) in
            IntrospectAnswer(introspection: try await client.introspect(token))
        }
    }
}
