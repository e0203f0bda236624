import ArgumentParser
import MintmarkClient
import MintmarkProgram

/// `mintmark verify`
struct VerifyCommand: ServerCommand {
    static let name = "verify"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Judges an access token: active or not, and why not.",
        usage: "mintmark verify [TOKEN | -] (--audience NAME | --any-audience) [options]",
        discussion: """
            Examples:
              mintmark verify eyJ... --audience orders
              mintmark verify eyJ... --any-audience --json
              jq -r .access_token answer.json | mintmark verify --audience orders

            A service accepts only tokens that are for itself, so --audience says who asks. Exit code 0 means active, \
            1 means inactive.
            """
    )

    @Argument(help: ArgumentHelp("The access token. Without it, or with -, it is read from standard input."))
    var token: String?

    @Option(help: ArgumentHelp("Whom the token must be for.", valueName: "name"))
    var audience: [String] = []

    @Flag(help: "Accept a token for anybody.")
    var anyAudience = false

    @Flag(help: "Do without the claims in the answer.")
    var noClaims = false

    @Flag(help: "Demand that the token's session is known to the server and alive.")
    var requireLiveSession = false

    @Option(
        help: ArgumentHelp("The clock difference to forgive. (default: the server's)", valueName: "seconds"),
        transform: SecondsText.whole
    )
    var leeway: UInt32?

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var output: OutputOptions

    func call(reading input: InputReader) throws(UsageError) -> ServerCall {
        let audience = try expectedAudience()
        let omitsClaims = noClaims
        let requiresLiveSession = requireLiveSession
        let leeway = leeway
        let token = try TokenInput.accessToken(token, reading: input)
        return { client throws(MintmarkError) in
            let verification = try await client.verify(
                token,
                audience: audience,
                omitsClaims: omitsClaims,
                requiresLiveSession: requiresLiveSession,
                leewaySeconds: leeway
            )
            return VerifyAnswer(verification: verification)
        }
    }

    private func expectedAudience() throws(UsageError) -> ExpectedAudience {
        switch (audience.first, audience.count, anyAudience) {
        case (let name?, 1, false): return .named(name)
        case (nil, _, true): return .any
        default: throw UsageError("give one --audience, or --any-audience")
        }
    }
}
