import ArgumentParser
import MintmarkProgram

/// What the access token to be made holds: what `open` and `sign` take alike.
struct TokenOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Whom the token is about: its sub claim.", valueName: "name"))
    var subject: String

    @Option(help: ArgumentHelp("Whom the token is for: its aud claim. Repeatable.", valueName: "name"))
    var audience: [String]

    @Option(help: ArgumentHelp("What it allows: words with single spaces between them.", valueName: "words"))
    var scope: String?

    @Option(
        help: ArgumentHelp("Further claims: a JSON object, or @FILE, or - for standard input.", valueName: "json")
    )
    var claims: String?

    @Option(
        help: ArgumentHelp("How long the access token lives; at most the policy's.", valueName: "seconds"),
        transform: SecondsText.whole
    )
    var ttl: UInt32?
}
