import ArgumentParser
import MintmarkClient

/// `mintmark snapshot`
struct SnapshotCommand: ServerCommand {
    static let name = "snapshot"

    /// Writing takes as long as the server's disk needs.
    static let timeoutSecondsDefault = 60.0

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Has the server write a snapshot of its sessions to its disk.",
        usage: "mintmark snapshot [options]",
        discussion: """
            Examples:
              mintmark snapshot
              mintmark snapshot --timeout 600

            Ends when the snapshot is on disk. Here the default of --timeout is \(Int(timeoutSecondsDefault)) seconds. \
            A server that keeps sessions in memory alone refuses.
            """
    )

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var output: OutputOptions

    func call(reading input: InputReader) throws(UsageError) -> ServerCall {
        let timeout = Duration.seconds(connection.timeout ?? Self.timeoutSecondsDefault)
        return { client throws(MintmarkError) in
            try await client.snapshot(timeout: timeout)
            return DoneAnswer.snapshotWritten
        }
    }
}
