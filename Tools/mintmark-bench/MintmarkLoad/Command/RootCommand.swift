import ArgumentParser

/// The program without a command.
struct RootCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mintmark-bench",
        abstract: "Loads a Mintmark server, measures it, and checks every answer.",
        discussion: """
            The server is the one at 127.0.0.1:7420 unless the command says otherwise, with --server, --unix or --tls. Every \
            answer is checked against its request; of the signatures and claims, a sample. With --json FILE the report \
            is written for programs, too.

            Examples:
              mintmark-bench peak --mix verify=1 --duration 5
              mintmark-bench run --rate 10000 --mix sign=1,verify=8,refresh=1 \\
                --json run.json

            Exit codes; of several that apply, the first in the order 13, 4, 12, 10, 11, 14:
              0   everything was as it should be
              1   the tool could not do its work
              2   wrong usage; nothing was sent, or a threshold says something of what was
                  not measured
              3   cannot connect, or is not let in
              4   not whole: a connection broke, a request was never answered, --abort-if
                  ended it, or somebody interrupted it
              10  what --fail-if says must not be, is
              11  worse than the run it is compared with
              12  invalid: the generator was the bottleneck, so the figures are not the
                  server's; or a race never got to judge one of its scenarios
              13  the server gave a wrong answer, or broke an invariant
              14  it varies too much to say whether it is worse
            """,
        version: RunContext.build,
        subcommands: [
            PeakCommand.self, RunCommand.self, SearchCommand.self, StepCommand.self, RampCommand.self,
            SpikeCommand.self, HandshakeCommand.self, ReportCommand.self, CompareCommand.self, RaceCommand.self,
            CrashCommand.self,
            TokensCommand.self, RedisCommand.self,
        ]
    )
}
