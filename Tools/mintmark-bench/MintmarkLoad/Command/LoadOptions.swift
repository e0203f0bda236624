import ArgumentParser
import MintmarkProgram

/// What the load consists of: common to all modes that measure.
struct LoadOptions: ParsableArguments {
    static let mixDefault = "sign=1,verify=8,refresh=1"
    static let distinctTokensDefault = 10_000
    static let audienceDefault = "mintmark-bench"
    static let durationSecondsDefault = 10.0

    @Option(help: "Connections.")
    var connections = 16

    @Option(help: ArgumentHelp("More connections, which say nothing.", valueName: "count"))
    var idleConnections = 0

    @Option(help: "Requests underway on each connection at most.")
    var depth = 16

    @Option(
        help: ArgumentHelp(
            "Replace each connection by a new one behind so many requests, handshakes included. (default: never)",
            valueName: "count"
        )
    )
    var reconnectEvery: Int?

    @Option(help: "Threads that generate load, each with its share of the connections.")
    var threads = 1

    @Option(
        help: ArgumentHelp(
            "How long is measured; in step and search, at each rate. (default: \(Int(durationSecondsDefault)); in step and "
                + "search \(Int(SearchCommand.durationSecondsDefault)), in a search more where that gives too few samples)",
            valueName: "seconds"
        ),
        transform: SecondsText.number
    )
    var duration: Double?

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("End behind this many requests, if the time is not over before.", valueName: "count")
    )
    var requests: Int?

    @Option(
        help: ArgumentHelp("How long there is load before it is measured.", valueName: "seconds"),
        transform: SecondsText.number
    )
    var warmup = 0.0

    @Option(
        help: ArgumentHelp("How long a request is waited for before it is given up.", valueName: "seconds"),
        transform: SecondsText.number
    )
    var timeout = 10.0

    @Option(
        help: ArgumentHelp("How long unanswered requests are waited for in the end.", valueName: "seconds"),
        transform: SecondsText.number
    )
    var drainTimeout = 5.0

    @Option(
        help: ArgumentHelp(
            "Requests underway over all connections at most. (default: connections × depth)",
            valueName: "count"
        )
    )
    var maxInflight: Int?

    @Option(
        help: ArgumentHelp(
            "Operations and their weights: \(LoadOperation.requests.map(\.name).joined(separator: ", ")). (default: "
                + "\(mixDefault))",
            valueName: "name=weight,…"
        )
    )
    var mix: String?

    @Option(
        help: ArgumentHelp(
            "A load with a name, instead of --mix and --keys: "
                + Profile.allCases.map(\.rawValue).joined(separator: ", ") + ".",
            valueName: "name"
        )
    )
    var profile: Profile?

    @Option(
        help: ArgumentHelp(
            "Which tokens are verified: uniform, zipf[:exponent], latest[:exponent], sequential. (default: uniform)",
            valueName: "choice"
        )
    )
    var keys: String?

    @Option(help: "What random choices and pauses begin with: the same seed, the same load.")
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "Access tokens to sign beforehand, and to verify. (default: \(distinctTokensDefault))",
            valueName: "count"
        )
    )
    var distinctTokens: Int?

    @Option(
        help: ArgumentHelp("Verify the tokens in this file, one on a line, in place of new ones.", valueName: "file")
    )
    var tokens: String?

    @Flag(help: "Verify each token once, in order, and end the run when there are no more.")
    var once = false

    @Option(
        help: ArgumentHelp(
            "Sessions to open beforehand and to refresh. (default: twice as many as requests can be underway)",
            valueName: "count"
        )
    )
    var sessions: Int?

    @Option(
        help: ArgumentHelp(
            "Refresh the sessions whose refresh tokens stand in this file, one on a line, in place of new ones.",
            valueName: "file"
        )
    )
    var useSessions: String?

    @Option(
        help: ArgumentHelp(
            "Write the newest refresh tokens of all sessions to this file in the end. Whoever can read it can use them.",
            valueName: "file"
        )
    )
    var saveSessions: String?

    @Flag(help: "Prepare tokens and sessions, and end before there is any load.")
    var loadOnly = false

    @Option(
        help: ArgumentHelp(
            "How many bytes the claims of SIGN and OPEN have: 64, 64-512, or sizes with weights, 64=9,1024=1.",
            valueName: "sizes"
        )
    )
    var claimsBytes: String?

    @Option(help: ArgumentHelp("Sessions to open beforehand and to revoke, one after the other.", valueName: "count"))
    var revocations = 10_000

    @Option(
        help: ArgumentHelp(
            "Sorts of requests in hostile: \(HostileRequest.allCases.map(\.rawValue).joined(separator: ", ")). "
                + "(default: all but expired, which takes the server's leeway to prepare)",
            valueName: "name,…"
        )
    )
    var hostile: String?

    @Option(help: "The audience of the tokens, and the one that is expected of them.")
    var audience = audienceDefault

    @Flag(help: "Ask for answers to VERIFY without the token's claims.")
    var withoutClaims = false

    @Option(
        help: ArgumentHelp(
            "Check signature or claims of one answer in so many; 1 is every one. A check takes as long as some hundred "
                + "answers do.",
            valueName: "count"
        )
    )
    var validateEvery = 256

    @Flag(
        help: """
            Never sleep, so that the server need not wake the generator. Takes a whole processor for each thread; the \
            figures count only if the server is saturated.
            """
    )
    var spin = false
}

extension Profile: ExpressibleByArgument {}
