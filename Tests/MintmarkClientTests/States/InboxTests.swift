import MintmarkWire
import Testing

@testable import MintmarkClient

@Suite("Inbox")
struct InboxTests {
    private func call() -> Call {
        let nobody = Call.Completion.handler { _ in }
        return Call(
            kind: .ping,
            frame: [],
            repetition: .always,
            timeoutNanoseconds: 1,
            completion: nobody,
            lateAnswer: nil
        )
    }

    /// What the submitter was told, comparable.
    private func told(_ action: Inbox.SubmitAction) -> String {
        switch action {
        case .wake: "wake"
        case .none: "none"
        case .cancelled: "cancelled"
        case .closed: "closed"
        }
    }

    @Test("the event loop is woken once for all that comes before it looks")
    func wakesOnce() {
        let inbox = Inbox()
        let told = (0..<3).map { _ in self.told(inbox.submit(inbox.reserve(), call())) }
        #expect(told == ["wake", "none", "none"])
        var batch = Inbox.Batch()
        inbox.take(into: &batch)
        #expect(batch.submissions.count == 3)
        #expect(self.told(inbox.submit(inbox.reserve(), call())) == "wake")
    }

    @Test("a call that is cancelled before it is submitted comes back")
    func earlyCancellation() {
        let inbox = Inbox()
        let id = inbox.reserve()
        #expect(!inbox.cancel(id))
        #expect(told(inbox.submit(id, call())) == "cancelled")
        var batch = Inbox.Batch()
        inbox.take(into: &batch)
        #expect(batch.submissions.isEmpty)
    }

    @Test("a closed inbox gives calls back, and keeps those that came before")
    func closed() {
        let inbox = Inbox()
        _ = inbox.submit(inbox.reserve(), call())
        inbox.close()
        #expect(told(inbox.submit(inbox.reserve(), call())) == "closed")
        var batch = Inbox.Batch()
        inbox.take(into: &batch)
        #expect(batch.submissions.count == 1)
    }

    @Test("a submitted call is cancelled by name, and its successor in the slot is not")
    func lateCancellation() {
        let inbox = Inbox()
        let id = inbox.reserve()
        _ = inbox.submit(id, call())
        #expect(!inbox.cancel(id))
        var batch = Inbox.Batch()
        inbox.take(into: &batch)
        #expect(batch.cancellations == [id])

        inbox.release([id])
        #expect(!inbox.cancel(id))
        let successor = inbox.reserve()
        #expect(successor.slot == id.slot)
        #expect(successor != id)
        _ = inbox.submit(successor, call())
        #expect(!inbox.cancel(id))
        batch = Inbox.Batch()
        inbox.take(into: &batch)
        #expect(batch.cancellations.isEmpty)
        #expect(batch.submissions.count == 1)
    }
}
