/// What a command has to say when the server answered.
protocol CommandAnswer: Sendable {
    /// How the process ends.
    var exitStatus: CommandStatus { get }

    /// For scripts: one JSON object on one line, without a line end behind it.
    var json: String { get }

    /// For people: lines, without a line end behind the last.
    ///
    /// - Parameter now: The wall clock, in seconds since 1970.
    func text(at now: UInt64) -> String
}

extension CommandAnswer {
    var exitStatus: CommandStatus { .done }
}
