import ArgumentParser
import MintmarkClient

/// `mintmark open`
struct OpenCommand: ServerCommand {
    static let name = "open"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Opens a session: an access token and a refresh token.",
        usage: "mintmark open --subject NAME --audience NAME ... [options]",
        discussion: """
            Examples:
              mintmark open --subject alice --audience orders
              mintmark open --subject alice --audience orders --scope "read write"
              mintmark open --subject alice --audience orders --claims '{"plan":"pro"}'
              mintmark open --subject alice --audience orders --claims @plan.json --json

            Every call opens another session. To be able to repeat a call whose answer may get lost, give it an \
            --attempt-id of your own: for a minute the server answers the same id with the same session.
            """
    )

    @OptionGroup var token: TokenOptions

    @Option(help: ArgumentHelp("A fingerprint of the user's surroundings, for every refresh too.", valueName: "text"))
    var context: String?

    @Option(help: ArgumentHelp("Names this attempt: 32 hexadecimal digits.", valueName: "hex"))
    var attemptID: String?

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var output: OutputOptions

    func call(reading input: InputReader) throws(UsageError) -> ServerCall {
        let subject = token.subject
        let audience = token.audience
        let scope = token.scope
        let ttl = token.ttl
        let context = context.map { Array($0.utf8) }
        let attemptID = try attemptID.map { (text) throws(UsageError) in try AttemptID(argument: text) } ?? AttemptID()
        let claims = try ClaimsInput.claims(token.claims, reading: input)
        return { client throws(MintmarkError) in
            let tokens = try await client.open(
                subject: subject,
                audience: audience,
                claims: claims,
                scope: scope,
                accessTokenTTLSeconds: ttl,
                context: context,
                attemptID: attemptID
            )
            return OpenAnswer(tokens: tokens, scope: scope)
        }
    }
}
