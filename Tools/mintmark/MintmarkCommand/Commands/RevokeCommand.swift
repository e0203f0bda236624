import ArgumentParser
import MintmarkClient

/// `mintmark revoke`
struct RevokeCommand: ServerCommand {
    static let name = "revoke"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Ends a session, or many: their tokens are refused from then on.",
        usage: """
            mintmark revoke [TOKEN | - | --session-id ID | --subject NAME |
                   --client-id ID | --all] [options]
            """,
        discussion: """
            Examples:
              mintmark revoke mmrt_...
              mintmark revoke --session-id 00112233445566778899aabbccddeeff
              mintmark revoke --subject alice
              mintmark revoke --client-id web
              mintmark revoke --all

            Ends what exists now; what is opened afterwards is not touched. What is unknown, or has ended already, is \
            no error, and the server does not tell: a mistyped name and a token of which something is missing look \
            like success. `mintmark introspect` tells whether a refresh token is one.
            """
    )

    @Argument(help: ArgumentHelp("A refresh token of the session. With -, or nothing at all, from standard input."))
    var token: String?

    @OptionGroup var target: TargetOptions

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var output: OutputOptions

    func call(reading input: InputReader) throws(UsageError) -> ServerCall {
        let target = try revocationTarget(reading: input)
        return { client throws(MintmarkError) in
            try await client.revoke(target)
            return DoneAnswer.revoked
        }
    }

    private func revocationTarget(reading input: InputReader) throws(UsageError) -> RevocationTarget {
        guard let target = try target.target() else {
            let advice = "to end its session give --session-id with its sid claim"
            return .refreshToken(try TokenInput.refreshToken(token, reading: input, withAccessToken: advice))
        }
        guard token == nil else { throw TargetOptions.notOne }
        switch target {
        case .session(let id): return .session(id)
        case .subject(let subject): return .subject(subject)
        case .client(let id): return .client(id: id)
        case .all: return .all
        }
    }
}
