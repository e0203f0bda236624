import ArgumentParser
import MintmarkClient

/// `mintmark stats`
struct StatsCommand: ServerCommand {
    static let name = "stats"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Shows whether the server is ready, and what it has counted.",
        usage: "mintmark stats [--all-counters] [options]",
        discussion: """
            Examples:
              mintmark stats
              mintmark stats --all-counters
              mintmark stats --json | jq .counters

            Exit code 0 means that the server answered, ready or not.
            """
    )

    @Flag(help: "Show counters that are 0, too. JSON always has them.")
    var allCounters = false

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var output: OutputOptions

    func call(reading input: InputReader) throws(UsageError) -> ServerCall {
        let showsZeros = allCounters
        return { client throws(MintmarkError) in
            StatsAnswer(statistics: try await client.stats(), showsZeros: showsZeros)
        }
    }
}
