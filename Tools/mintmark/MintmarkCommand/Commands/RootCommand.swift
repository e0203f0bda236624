import ArgumentParser

/// The program without a command.
struct RootCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mintmark",
        abstract: "Asks a Mintmark server: makes, judges, refreshes and revokes tokens.",
        discussion: """
            The server is the one at 127.0.0.1:7420 unless the command says otherwise, with --server, --unix or --tls, \
            or else the environment, with MINTMARK_SERVER, MINTMARK_UNIX or MINTMARK_TLS. A server that tells clients \
            apart by keys wants --client and --client-key, or MINTMARK_CLIENT and MINTMARK_CLIENT_KEY. Every command \
            answers for people, or with --json for scripts. Options come behind the command.

            A session, from its beginning to its end:
              mintmark open --subject alice --audience orders
              mintmark verify ACCESS_TOKEN --audience orders
              mintmark refresh REFRESH_TOKEN
              mintmark revoke REFRESH_TOKEN

            Tokens are secrets, and arguments are seen by every user of the machine. Where that matters give - in \
            the place of a token: it is read from standard input then.

            Exit codes:
              0  the token is active; what was asked for is done
              1  refused: the token is inactive, or the same would be refused again
              2  wrong usage; nothing was sent
              3  cannot connect, or is not let in
              4  not refused: the server says to come again, or its answer was lost
            """,
        version: "mintmark/0.1.0",
        subcommands: [
            OpenCommand.self,
            SignCommand.self,
            VerifyCommand.self,
            RefreshCommand.self,
            RevokeCommand.self,
            IntrospectCommand.self,
            ForceRotationCommand.self,
            KeysCommand.self,
            StatsCommand.self,
            TopCommand.self,
            SnapshotCommand.self,
            PingCommand.self,
            ClientKeyCommand.self,
        ]
    )
}
