import ArgumentParser
import MintmarkClient

/// `mintmark sign`
struct SignCommand: ServerCommand {
    static let name = "sign"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Makes one access token that belongs to no session.",
        usage: "mintmark sign --subject NAME --audience NAME ... [options]",
        discussion: """
            Examples:
              mintmark sign --subject backup --audience storage --ttl 60
              mintmark sign --subject backup --audience storage --scope write --json

            The token cannot be refreshed. It ends by itself, or with everything of its subject: see mintmark revoke.
            """
    )

    @OptionGroup var token: TokenOptions

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var output: OutputOptions

    func call(reading input: InputReader) throws(UsageError) -> ServerCall {
        let subject = token.subject
        let audience = token.audience
        let scope = token.scope
        let ttl = token.ttl
        let claims = try ClaimsInput.claims(token.claims, reading: input)
        return { client throws(MintmarkError) in
            let token = try await client.sign(
                subject: subject,
                audience: audience,
                claims: claims,
                scope: scope,
                accessTokenTTLSeconds: ttl
            )
            return SignAnswer(token: token, scope: scope)
        }
    }
}
