import MintmarkWire

/// Why there is nothing to report.
struct LoadFailure: Error, Hashable {
    /// How the process ends.
    let exitStatus: CommandStatus
    /// One line for people. Never a token.
    let message: String
    /// What the server answered, if that is the reason.
    var status: StatusCode?
    /// The class of errors it belongs to, where that is known better than from the other members.
    private var knownError: ErrorClass?

    /// The class of errors it belongs to, if it is what became of a connection.
    var connectionError: ErrorClass {
        if let knownError { return knownError }
        if let status { return .status(status) }
        switch exitStatus {
        case .unreachable: return .connectFailed
        case .wrongAnswer: return .protocolDecode
        case .aborted, .passed, .failed, .usage, .invalid, .thresholdFailed, .regression, .inconclusive: return .reset
        }
    }

    /// The same failure of a class that is known.
    func of(_ error: ErrorClass) -> LoadFailure {
        var failure = self
        failure.knownError = error
        return failure
    }

    /// The class of errors it belongs to, as reports name it.
    var errorName: String {
        if let status { return ErrorClass.status(status).name }
        switch exitStatus {
        case .unreachable: return "unreachable"
        case .aborted: return "aborted"
        case .wrongAnswer: return "wrong_answer"
        case .passed, .failed, .usage, .invalid, .thresholdFailed, .regression, .inconclusive: return "failed"
        }
    }

    /// What it means where the connection was to begin: who is refused there, or gets no answer, was not let in.
    func whileGreeting(_ address: ServerAddress, nanosecondsMax: Int64) -> LoadFailure {
        if status != nil {
            var failure = LoadFailure(.unreachable, "\(address) does not let the tool in: \(message)", status)
            failure.knownError = knownError
            return failure
        }
        guard knownError == .requestTimeout else { return self }
        let seconds = nanosecondsMax / 1_000_000_000
        let message =
            "\(address) took the connection, and has not answered HELLO in \(seconds) s; "
            + "it may have as many as its limits.connections allows"
        return .unreachable(message).of(.requestTimeout)
    }

    private init(_ exitStatus: CommandStatus, _ message: String, _ status: StatusCode? = nil) {
        self.exitStatus = exitStatus
        self.message = message
        self.status = status
    }

    /// The options, or a file they name, cannot be used.
    static func usage(_ message: String) -> LoadFailure { LoadFailure(.usage, message) }
    /// There is no server to ask.
    static func unreachable(_ message: String) -> LoadFailure { LoadFailure(.unreachable, message) }
    /// The server went away.
    static func aborted(_ message: String) -> LoadFailure { LoadFailure(.aborted, message) }
    /// Whoever started the tool does not want it any more, before there is anything to report.
    static let interrupted = LoadFailure(.aborted, "interrupted before anything was measured")
    /// The server refused what the measurement needs.
    static func refused(_ message: String, _ status: StatusCode) -> LoadFailure {
        LoadFailure(.failed, message, status)
    }
    /// The machine does not let the tool do its work.
    static func failed(_ message: String) -> LoadFailure { LoadFailure(.failed, message) }
    /// The server answered what it must not.
    static func wrongAnswer(_ message: String) -> LoadFailure { LoadFailure(.wrongAnswer, message) }
}
