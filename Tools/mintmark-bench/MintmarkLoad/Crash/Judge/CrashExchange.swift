import MintmarkWire

/// A request and what came of it.
struct CrashExchange: Sendable {
    var request: RaceRequest
    /// Nil if no answer came.
    var outcome: RaceOutcome?
    var sentAt: ServiceInstant
    /// When the answer had come, or it was clear that none would.
    var answeredAt: ServiceInstant

    /// Why it was refused.
    var refusal: Status? {
        if case .refused(let code, _) = outcome { return code.status }
        return nil
    }

    var refreshed: RefreshResponse? {
        if case .refreshed(let response) = outcome { return response }
        return nil
    }

    /// The answer in a few words. Never a token.
    var answer: String {
        switch outcome {
        case nil: "no answer"
        case .opened: "opened"
        case .refreshed(let response): "\(response.refreshOutcome.word), generation \(response.generation)"
        case .revoked: "done"
        case .introspected(let response):
            response.isActive
                ? "active" + (response.refreshOutcome.map { ", would be \($0.word)" } ?? "")
                : "inactive" + (response.reason.map { ": \($0)" } ?? "")
        case .verified(let response):
            response.isActive ? "active" : "inactive" + (response.reason.map { ": \($0)" } ?? "")
        case .signed: "signed"
        case .refused(let status, let reuseClass): "\(status)" + (reuseClass.map { " (\($0))" } ?? "")
        }
    }
}

extension RefreshOutcome {
    /// As the specification spells it.
    var word: String {
        switch self {
        case .rotated: "rotated"
        case .sameSuccessor: "same_successor"
        case .unchanged: "unchanged"
        case .fastForward: "fast_forward"
        }
    }
}
