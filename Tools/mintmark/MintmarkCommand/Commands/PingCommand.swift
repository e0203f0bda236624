import ArgumentParser
import MintmarkClient

/// `mintmark ping`
struct PingCommand: ServerCommand {
    static let name = "ping"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Asks the server for a sign of life, and measures the way.",
        usage: "mintmark ping [options]",
        discussion: """
            Examples:
              mintmark ping
              mintmark ping --unix /run/mintmark/mintmark.sock
              mintmark ping --server [::1]:7420 --timeout 0.5 --json

            Shows that connections are served. Whether every operation works is what `mintmark stats` tells.
            """
    )

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var output: OutputOptions

    func call(reading input: InputReader) throws(UsageError) -> ServerCall {
        { client throws(MintmarkError) in
            // The first one opens the connection.
            try await client.ping()
            let clock = ContinuousClock()
            let start = clock.now
            let serverTime = try await client.ping()
            return PingAnswer(serverTime: serverTime, roundTrip: clock.now - start)
        }
    }
}
