/// How the process ends. Of several that apply, the first in this order is taken: 13, 4, 12, 10, 11, 14.
package enum CommandStatus: Int32, Sendable {
    /// Everything was as it should be.
    case passed = 0
    /// The tool could not do its work.
    case failed = 1
    /// Wrong options; nothing was sent.
    case usage = 2
    /// There is no connection to a server.
    case unreachable = 3
    /// The run is not whole: a connection broke, a request was never answered, or somebody interrupted it.
    case aborted = 4
    /// What a threshold says must not be, is; of a search: the server kept the objective at no rate.
    case thresholdFailed = 10
    /// A figure became worse.
    case regression = 11
    /// The figures are not the server's, because the generator was the bottleneck; or a search has measured too little; or
    /// a race has not reached what it was to reach.
    case invalid = 12
    /// The server gave a wrong answer, or broke an invariant.
    case wrongAnswer = 13
    /// A figure varies too much to say whether it became worse.
    case inconclusive = 14

    /// Of two, the one that says more.
    func combined(with other: CommandStatus) -> CommandStatus {
        let order: [CommandStatus] = [
            .usage, .failed, .unreachable, .wrongAnswer, .aborted, .invalid, .thresholdFailed, .regression,
            .inconclusive,
            .passed,
        ]
        return order.first { $0 == self || $0 == other } ?? self
    }
}
