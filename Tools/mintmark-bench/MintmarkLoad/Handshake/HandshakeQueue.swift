import NIOConcurrencyHelpers

/// What handshakes are still to be begun, for all threads of a run: the next one is for whoever comes first.
///
/// Safe to use from any thread.
final class HandshakeQueue: Sendable {
    private struct State {
        var schedule: ArrivalSchedule?
        var remaining: Int
    }

    private let state: NIOLockedValueBox<State>

    init(_ plan: LoadPlan) {
        var schedule: ArrivalSchedule?
        if case .openLoop(let arrival, let ratePerSecond) = plan.pace {
            schedule = ArrivalSchedule(arrival, ratePerSecond: ratePerSecond, seed: plan.seed)
        }
        state = NIOLockedValueBox(State(schedule: schedule, remaining: plan.requestsMax ?? .max))
    }

    /// Takes the next one; nil if there is none.
    ///
    /// - Parameter now: Nanoseconds from the run's start; in a closed loop it is due now.
    /// - Returns: When it is due, in nanoseconds from the run's start.
    func take(at now: Int64) -> Int64? {
        state.withLockedValue { state in
            guard state.remaining > 0 else { return nil }
            state.remaining -= 1
            return state.schedule?.next() ?? now
        }
    }
}
