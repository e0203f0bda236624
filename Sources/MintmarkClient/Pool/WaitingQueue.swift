/// Calls that wait for a connection: first come, first served. Calls that were served before and lost their connection
/// come first of all.
struct WaitingQueue: Sendable {
    private var resumed = Line()
    private var fresh = Line()
    /// The calls that still wait. Those that left stay in their line until they are met there.
    private var members: Set<CallID> = []

    /// How many calls wait.
    var count: Int { members.count }

    var isEmpty: Bool { members.isEmpty }

    /// A new call goes to the end.
    mutating func append(_ call: CallID) {
        members.insert(call)
        fresh.append(call)
        tidy()
    }

    /// A call that lost its connection goes before all new ones, behind others of its kind.
    mutating func resume(_ call: CallID) {
        members.insert(call)
        resumed.append(call)
        tidy()
    }

    /// A call waits no longer.
    mutating func remove(_ call: CallID) {
        members.remove(call)
    }

    /// Takes out the next call.
    mutating func popFirst() -> CallID? {
        guard !members.isEmpty else { return nil }
        while let call = resumed.popFirst() ?? fresh.popFirst() {
            if members.remove(call) != nil { return call }
        }
        preconditionFailure("a call waits that stands in no line")
    }

    /// Takes out all calls, the next one first.
    mutating func removeAll() -> [CallID] {
        var calls: [CallID] = []
        while let call = popFirst() {
            calls.append(call)
        }
        self = WaitingQueue()
        return calls
    }

    /// Keeps those that left from piling up.
    private mutating func tidy() {
        guard resumed.count + fresh.count > 2 * members.count + 64 else { return }
        resumed.keep { members.contains($0) }
        fresh.keep { members.contains($0) }
    }
}

/// A first-in, first-out line whose ends cost the same.
private struct Line: Sendable {
    private var calls: [CallID] = []
    private var head = 0

    var count: Int { calls.count - head }

    mutating func append(_ call: CallID) {
        calls.append(call)
    }

    mutating func popFirst() -> CallID? {
        guard head < calls.count else { return nil }
        let call = calls[head]
        head += 1
        if head == calls.count {
            calls.removeAll(keepingCapacity: calls.capacity <= 4_096)
            head = 0
        }
        return call
    }

    mutating func keep(_ isWanted: (CallID) -> Bool) {
        calls = calls[head...].filter(isWanted)
        head = 0
    }
}
