/// How the process ends.
enum CommandStatus: Int32 {
    /// The token is active; what was asked for is done.
    case done = 0

    /// The token is inactive, or the server refused or failed.
    case refused = 1

    /// The command was given wrongly; nothing was sent.
    case usage = 2

    /// There is no connection to a server that could be asked.
    case unreachable = 3
}
