import NIOConcurrencyHelpers

/// The connections that may be open at once, over all listeners. Thread-safe.
///
/// A listener accepts while there is a place and waits for one otherwise. Several listeners that accept at the same
/// moment may exceed the bound by one connection each but the first.
final class ConnectionBudget: Sendable {
    private struct State {
        var open = 0
        var waiters: [@Sendable () -> Void] = []
    }

    let connectionsMax: Int
    private let state = NIOLockedValueBox(State())

    init(connectionsMax: Int) {
        self.connectionsMax = connectionsMax
    }

    var openCount: Int { state.withLockedValue(\.open) }

    /// Counts a connection that was accepted.
    func take() {
        state.withLockedValue { $0.open += 1 }
    }

    /// Whether there is a place; where there is none, `waiter` is called once when that changes.
    func hasPlace(orWait waiter: @escaping @Sendable () -> Void) -> Bool {
        state.withLockedValue { state in
            guard state.open < connectionsMax else {
                state.waiters.append(waiter)
                return false
            }
            return true
        }
    }

    /// Counts a connection that was closed.
    func giveBack() {
        let waiters = state.withLockedValue { state in
            state.open -= 1
            defer { state.waiters.removeAll() }
            return state.waiters
        }
        for waiter in waiters {
            waiter()
        }
    }
}
