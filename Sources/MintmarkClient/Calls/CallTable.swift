/// The calls that have not ended, by their slots.
///
/// Owned by the driver, and so confined to its event loop.
struct CallTable: ~Copyable {
    /// A call and where it is.
    struct Record {
        let id: CallID
        let call: Call
        var progress: CallProgress
        var place: Place
    }

    /// Where a call is.
    enum Place: Hashable {
        /// In the pool's queue.
        case waiting
        /// Written to a connection.
        case inFlight(ConnectionID, requestID: UInt32)
        /// Between two attempts.
        case pausing
    }

    private var records: [Record?] = []

    /// How many calls have not ended.
    private(set) var count = 0

    /// Notes a call. Its slot is free.
    mutating func insert(_ record: Record) {
        while records.count <= record.id.slot {
            records.append(nil)
        }
        precondition(records[record.id.slot] == nil, "a call takes a slot that is in use")
        records[record.id.slot] = record
        count += 1
    }

    /// Takes a call out; nil if it has ended.
    mutating func remove(_ id: CallID) -> Record? {
        guard contains(id) else { return nil }
        let record = records[id.slot].take()
        count -= 1
        return record
    }

    func contains(_ id: CallID) -> Bool {
        records.indices.contains(id.slot) && records[id.slot]?.id == id
    }

    /// A call that has not ended.
    subscript(_ id: CallID) -> Record? {
        _read { yield contains(id) ? records[id.slot] : nil }
    }

    /// Changes a call where it lies. It must not have ended.
    mutating func update<Result>(_ id: CallID, _ body: (inout Record) -> Result) -> Result {
        guard contains(id), let result = records[id.slot]?.changed(by: body) else {
            preconditionFailure("a call is changed that has ended")
        }
        return result
    }

    /// All calls, in no order.
    func forEach(_ body: (borrowing Record) -> Void) {
        for case let record? in records {
            body(record)
        }
    }
}

extension CallTable.Record {
    fileprivate mutating func changed<Result>(by body: (inout CallTable.Record) -> Result) -> Result { body(&self) }
}
