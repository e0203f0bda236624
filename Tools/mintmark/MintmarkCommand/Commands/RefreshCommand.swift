import ArgumentParser
import MintmarkClient
import MintmarkProgram

/// `mintmark refresh`
struct RefreshCommand: ServerCommand {
    static let name = "refresh"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Trades a refresh token for new tokens.",
        usage: "mintmark refresh [TOKEN | -] [options]",
        discussion: """
            Examples:
              mintmark refresh mmrt_...
              mintmark refresh - < refresh-token
              mintmark refresh mmrt_... --audience orders --scope read --json

            Use the refresh token of the answer from then on, and never again the one before: an old token that comes \
            back is taken for stolen, and ends its session. Only when no answer came, give the same token again at once.
            """
    )

    @Argument(help: ArgumentHelp("The refresh token. Without it, or with -, it is read from standard input."))
    var token: String?

    @Option(help: ArgumentHelp("A part of the session's audience, for this access token only.", valueName: "name"))
    var audience: [String] = []

    @Option(help: ArgumentHelp("A part of the session's scope, for this access token only.", valueName: "words"))
    var scope: String?

    @Option(
        help: ArgumentHelp("How long the access token lives; at most the policy's.", valueName: "seconds"),
        transform: SecondsText.whole
    )
    var ttl: UInt32?

    @Option(help: ArgumentHelp("A fingerprint of the user's surroundings.", valueName: "text"))
    var context: String?

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var output: OutputOptions

    func call(reading input: InputReader) throws(UsageError) -> ServerCall {
        let audience = audience.isEmpty ? nil : audience
        let scope = scope
        let ttl = ttl
        let context = context.map { Array($0.utf8) }
        let token = try TokenInput.refreshToken(
            token,
            reading: input,
            withAccessToken: "give the refresh token that came with it"
        )
        return { client throws(MintmarkError) in
            let session = try await client.refresh(
                token,
                audience: audience,
                scope: scope,
                accessTokenTTLSeconds: ttl,
                context: context
            )
            return RefreshAnswer(session: session, scope: scope)
        }
    }
}
