import ArgumentParser
import MintmarkClient

/// What a command does with a client.
typealias ServerCall = @Sendable (MintmarkClient) async throws(MintmarkError) -> any CommandAnswer

/// A command that asks a server.
protocol ServerCommand: ParsableCommand {
    /// The command's name, as it is given.
    static var name: String { get }

    var connection: ConnectionOptions { get }

    var output: OutputOptions { get }

    /// Checks the arguments, and reads what they refer to. Before anything is sent.
    func call(reading input: InputReader) throws(UsageError) -> ServerCall
}
