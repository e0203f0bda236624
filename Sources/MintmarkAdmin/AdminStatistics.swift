import NIOConcurrencyHelpers
import Synchronization

/// What the HTTP listeners count. Any thread may add and read.
package final class AdminStatistics: Sendable {
    private let openCount = Atomic<Int>(0)
    private let refused = Atomic<UInt64>(0)
    private let evicted = Atomic<UInt64>(0)
    private let outcomes = NIOLockedValueBox<[AuthzOutcome: UInt64]>([:])
    private let answers = NIOLockedValueBox<[AnswerKind: UInt64]>([:])

    /// What answers are counted by.
    package struct AnswerKind: Hashable, Sendable {
        package let endpoint: Endpoint
        /// The first digit of the status, 2 to 5.
        package let statusClass: Int

        package init(endpoint: Endpoint, statusClass: Int) {
            self.endpoint = endpoint
            self.statusClass = statusClass
        }
    }

    package init() {}

    /// Connections that are open, of all listeners.
    package var connections: Int { openCount.load(ordering: .relaxed) }
    /// Connections that there was no place for.
    package var connectionsRefused: UInt64 { refused.load(ordering: .relaxed) }
    /// Idle connections that gave way to others.
    package var connectionsEvicted: UInt64 { evicted.load(ordering: .relaxed) }

    package func count(of kind: AnswerKind) -> UInt64 {
        answers.withLockedValue { $0[kind] ?? 0 }
    }

    /// How often that came of a question to `/authz`.
    package func count(of outcome: AuthzOutcome) -> UInt64 {
        outcomes.withLockedValue { $0[outcome] ?? 0 }
    }

    func came(_ outcome: AuthzOutcome) {
        outcomes.withLockedValue { $0[outcome, default: 0] += 1 }
    }

    func opened() {
        openCount.add(1, ordering: .relaxed)
    }

    func closed() {
        openCount.subtract(1, ordering: .relaxed)
    }

    func refusedConnection() {
        refused.add(1, ordering: .relaxed)
    }

    func evictedConnection() {
        evicted.add(1, ordering: .relaxed)
    }

    func answered(_ endpoint: Endpoint, status: Int) {
        let kind = AnswerKind(endpoint: endpoint, statusClass: status / 100)
        answers.withLockedValue { $0[kind, default: 0] += 1 }
    }
}
