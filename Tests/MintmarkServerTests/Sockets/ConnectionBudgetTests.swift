import Synchronization
import Testing

@testable import MintmarkServer

@Suite struct ConnectionBudgetTests {
    private final class Waiter: Sendable {
        let calls = Atomic(0)
    }

    @Test(arguments: [1, 2, 7])
    func placesAreBounded(count: Int) {
        let budget = ConnectionBudget(connectionsMax: count)
        let waiter = Waiter()
        for _ in 0..<count {
            #expect(budget.hasPlace(in: .open) { waiter.calls.add(1, ordering: .relaxed) })
            budget.take()
        }
        #expect(budget.openCount == count)
        #expect(!budget.hasPlace(in: .open) { waiter.calls.add(1, ordering: .relaxed) })
        #expect(waiter.calls.load(ordering: .relaxed) == 0)
    }

    /// Once in a while, however many wait.
    @Test func thatThereIsNoPlaceIsTold() {
        let teller = Waiter()
        let budget = ConnectionBudget(connectionsMax: 1) { teller.calls.add(1, ordering: .relaxed) }
        #expect(budget.hasPlace(in: .open) {})
        budget.take()
        for _ in 0..<3 { #expect(!budget.hasPlace(in: .open) {}) }
        #expect(teller.calls.load(ordering: .relaxed) == 1)
    }

    @Test func whoWaitsIsCalledOnceWhenAPlaceIsFree() {
        let budget = ConnectionBudget(connectionsMax: 1)
        let waiter = Waiter()
        budget.take()
        #expect(!budget.hasPlace(in: .open) { waiter.calls.add(1, ordering: .relaxed) })
        budget.giveBack()
        #expect(budget.openCount == 0)
        #expect(waiter.calls.load(ordering: .relaxed) == 1)
        #expect(budget.hasPlace(in: .open) {})
        budget.take()
        budget.giveBack()
        #expect(waiter.calls.load(ordering: .relaxed) == 1)
    }
}
