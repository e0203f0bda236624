/// How the process ends.
enum CommandStatus: Int32 {
    /// The token is active; what was asked for is done.
    case done = 0

    /// The token is inactive, or the server refused, and would again.
    case refused = 1

    /// The command was given wrongly; nothing was sent.
    case usage = 2

    /// There is no connection to a server that could be asked.
    case unreachable = 3

    /// Nothing was refused for good: the server says to come again, or its answer did not come.
    case unavailable = 4
}
