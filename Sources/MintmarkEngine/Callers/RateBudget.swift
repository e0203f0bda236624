import Synchronization

/// How often something may happen: so many times in a period, and so many at once.
package struct Rate: Hashable, Sendable {
    package static let countMax = 1_000_000

    /// At least 1.
    package let count: Int
    package let periodMilliseconds: UInt64
    /// At least 1: how many may happen at once after a pause.
    package let burst: Int

    package init(count: Int, periodMilliseconds: UInt64, burst: Int) {
        precondition((1...Self.countMax).contains(count) && (1...Self.countMax).contains(burst), "no such rate")
        precondition((1...3_600_000).contains(periodMilliseconds), "no such period")
        self.count = count
        self.periodMilliseconds = periodMilliseconds
        self.burst = burst
    }
}

/// What is left of a rate, kept as one number: the moment at which it would be full again. Shared between event loops,
/// without a lock.
package final class RateBudget: Sendable {
    package let rate: Rate
    /// From one to the next, in nanoseconds.
    private let interval: UInt64
    /// How far ahead of the clock the moment may lie.
    private let tolerance: UInt64
    /// In nanoseconds of the service clock.
    private let fullAt = Atomic<UInt64>(0)

    package init(_ rate: Rate) {
        self.rate = rate
        interval = rate.periodMilliseconds * 1_000_000 / UInt64(rate.count)
        tolerance = interval * UInt64(rate.burst)
    }

    /// Takes one, or tells after how many milliseconds there is one again.
    package func take(atMilliseconds serviceMilliseconds: UInt64) -> UInt32? {
        let now = serviceMilliseconds &* 1_000_000
        var seen = fullAt.load(ordering: .relaxed)
        while true {
            let next = max(seen, now) + interval
            if next - now > tolerance {
                let milliseconds = (next - now - tolerance + 999_999) / 1_000_000
                return UInt32(clamping: max(1, milliseconds))
            }
            let (done, original) = fullAt.weakCompareExchange(expected: seen, desired: next, ordering: .relaxed)
            if done {
                return nil
            }
            seen = original
        }
    }
}

/// The rates of one client: a budget of its own for each kind of request. Immutable references to parts that guard
/// themselves.
package struct RateBudgets: Sendable {
    /// What is budgeted apart from the others.
    package enum Subject: Int, CaseIterable, Sendable {
        case sign
        case verify
        case open
        case refresh
        case revoke
        case introspect
        case keys
        case stats
        case administration
    }

    /// By the number of the subject; nil where there is no limit.
    private let budgets: [RateBudget?]
    /// Whether anything is limited.
    let areAny: Bool

    /// - Parameter previous: the budgets that these take the place of. A rate that stays the same goes on where it is.
    package init(_ rates: [Subject: Rate] = [:], inheriting previous: RateBudgets? = nil) {
        budgets = Subject.allCases.map { subject in
            rates[subject].map { rate in
                if let budget = previous?[subject], budget.rate == rate { budget } else { RateBudget(rate) }
            }
        }
        areAny = !rates.isEmpty
    }

    package subscript(subject: Subject) -> RateBudget? { budgets[subject.rawValue] }
}
