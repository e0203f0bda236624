import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkClient

@Suite("In-flight table")
struct InFlightTableTests {
    @Test("an id is in use until it is removed, and comes back under another number")
    func idsAreNotReused() {
        var table = InFlightTable()
        let first = table.insert(CallID(slot: 0, serial: 0), kind: .ping)
        let second = table.insert(CallID(slot: 1, serial: 0), kind: .verify)
        #expect(first == 1)
        #expect(second == 2)
        #expect(table.remove(first)?.kind == .ping)
        #expect(table.remove(first) == nil)
        let third = table.insert(CallID(slot: 2, serial: 0), kind: .sign)
        #expect(third == 1 << 16 | 1)
        #expect(table.remove(first) == nil)
        #expect(table.count == 2)
    }

    @Test("an abandoned request stays in flight without a call")
    func abandonedStaysInFlight() {
        var table = InFlightTable()
        let id = table.insert(CallID(slot: 0, serial: 0), kind: .ping)
        table.abandon(id)
        #expect(table.count == 1)
        #expect(table.entry(id)?.call == nil)
        #expect(table.remove(id) != nil)
        #expect(table.count == 0)
    }

    @Test("a snapshot is in flight like all others, but its answer is not owed promptly")
    func promptAnswers() {
        var table = InFlightTable()
        let snapshot = table.insert(CallID(slot: 0, serial: 0), kind: .snapshot)
        #expect(table.count == 1)
        #expect(table.promptCount == 0)
        let ping = table.insert(CallID(slot: 1, serial: 0), kind: .ping)
        #expect(table.promptCount == 1)
        _ = table.remove(snapshot)
        #expect(table.promptCount == 1)
        _ = table.remove(ping)
        #expect(table.promptCount == 0)
        _ = table.insert(CallID(slot: 2, serial: 0), kind: .ping)
        _ = table.removeAll()
        #expect(table.promptCount == 0)
    }

    @Test("what is lost comes out in the order in which it was sent, without the abandoned")
    func lossKeepsOrder() {
        var table = InFlightTable()
        let calls = (0..<5).map { CallID(slot: $0, serial: 0) }
        var ids = calls.map { table.insert($0, kind: .ping) }
        _ = table.remove(ids[0])
        ids[0] = table.insert(calls[0], kind: .ping)
        table.abandon(ids[2])
        #expect(table.removeAll() == [calls[1], calls[3], calls[4], calls[0]])
        #expect(table.count == 0)
    }

    @Test("unknown ids are found out", arguments: [0, 1, 2, 0xFFFF, 0x1_0001, UInt32.max])
    func unknownIDs(_ id: UInt32) {
        var table = InFlightTable()
        #expect(table.entry(id) == nil)
        #expect(table.remove(id) == nil)
    }

    @Test("every id up to the limit differs and none is 0")
    func limit() {
        var table = InFlightTable()
        var seen: Set<UInt32> = [0]
        for slot in 0..<InFlightTable.limitMax {
            #expect(seen.insert(table.insert(CallID(slot: slot, serial: 0), kind: .ping)).inserted)
        }
        #expect(table.count == InFlightTable.limitMax)
    }

    @Test("the table behaves like a dictionary", arguments: [1, 2, 3] as [UInt64])
    func model(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var table = InFlightTable()
        var model: [UInt32: CallID] = [:]
        for serial in 0..<20_000 {
            if Bool.random(using: &generator) || model.isEmpty {
                let call = CallID(slot: serial, serial: 0)
                let id = table.insert(call, kind: .ping)
                #expect(id != 0)
                #expect(model.updateValue(call, forKey: id) == nil)
            } else if let (id, call) = model.randomElement(using: &generator) {
                #expect(table.remove(id)?.call == call)
                model[id] = nil
            }
            #expect(table.count == model.count)
        }
    }
}
