import MintmarkWire

/// The requests of one connection that were written and not answered.
///
/// A request id is a slot number (low 16 bits, from 1) under the count of its earlier uses (high 16 bits). A slot is free
/// again only when its answer was read; so no id is in use twice, none is 0, and an answer that comes twice is noticed.
struct InFlightTable: Sendable {
    /// The greatest number of requests, which is what 16 bits of slot numbers without 0 can name.
    static let limitMax = Limits.inFlightMaxCeiling

    /// What is remembered of a request.
    struct Entry: Hashable, Sendable {
        let kind: Kind
        /// Whose answer it is; nil if nobody waits any more.
        var call: CallID?
        /// Rises with every request of the connection.
        let order: UInt64
    }

    private struct Slot: Sendable {
        var uses: UInt16
        var entry: Entry?
    }

    private var slots: [Slot] = []
    private var freeSlots: [UInt16] = []
    private var nextOrder: UInt64 = 0

    /// How many requests are unanswered, including those nobody waits for.
    private(set) var count = 0

    /// How many of them the server answers as soon as it can.
    private(set) var promptCount = 0
}

extension InFlightTable {
    /// Notes a request and returns its id. There must be room: fewer than `limitMax` are unanswered.
    mutating func insert(_ call: CallID?, kind: Kind) -> UInt32 {
        precondition(count < InFlightTable.limitMax, "more requests in flight than request ids")
        let index = takeSlot()
        slots[index].entry = Entry(kind: kind, call: call, order: nextOrder)
        nextOrder += 1
        count += 1
        if kind.isAnsweredPromptly { promptCount += 1 }
        return UInt32(slots[index].uses) << 16 | UInt32(index + 1)
    }

    /// Takes a request out, because its answer has come. Nil if no such request is unanswered.
    mutating func remove(_ requestID: UInt32) -> Entry? {
        guard let index = index(of: requestID), let entry = slots[index].entry else { return nil }
        slots[index].entry = nil
        slots[index].uses &+= 1
        freeSlots.append(UInt16(index))
        count -= 1
        if entry.kind.isAnsweredPromptly { promptCount -= 1 }
        return entry
    }

    /// What is remembered of an unanswered request.
    func entry(_ requestID: UInt32) -> Entry? {
        index(of: requestID).flatMap { slots[$0].entry }
    }

    /// Nobody waits for this answer any more. The id stays in use.
    mutating func abandon(_ requestID: UInt32) {
        guard let index = index(of: requestID) else { return }
        slots[index].entry?.call = nil
    }

    /// Takes everything out; returns the calls that were still waited for, in the order in which they were sent.
    mutating func removeAll() -> [CallID] {
        let entries = slots.compactMap(\.entry).sorted { $0.order < $1.order }
        self = InFlightTable()
        return entries.compactMap(\.call)
    }

    private mutating func takeSlot() -> Int {
        if let free = freeSlots.popLast() { return Int(free) }
        slots.append(Slot(uses: 0))
        return slots.count - 1
    }

    private func index(of requestID: UInt32) -> Int? {
        let index = Int(requestID & 0xFFFF) - 1
        guard slots.indices.contains(index), slots[index].entry != nil else { return nil }
        return slots[index].uses == UInt16(requestID >> 16) ? index : nil
    }
}

extension Kind {
    /// Whether the server answers as soon as it can. A snapshot takes as long as a disk needs, and so does a change of
    /// keys: that no such answer comes says nothing about the connection.
    var isAnsweredPromptly: Bool {
        switch self {
        case .hello, .auth, .ping, .sign, .verify, .open, .refresh, .revoke, .introspect, .keys, .stats, .forceRotation,
            .keyList:
            true
        case .snapshot, .keyPrepare, .keyActivate, .keyRevoke, .keyImport: false
        }
    }
}
