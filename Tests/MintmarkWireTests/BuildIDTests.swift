import MintmarkWire
import Testing

@Suite("Build IDs")
struct BuildIDTests {
    /// A note as a linker writes it on this machine.
    private static func note(_ name: String, type: UInt32, _ descriptor: [UInt8]) -> [UInt8] {
        func word(_ value: Int) -> [UInt8] { withUnsafeBytes(of: UInt32(value)) { Array($0) } }
        func padded(_ bytes: [UInt8]) -> [UInt8] { bytes + Array(repeating: 0, count: (4 - bytes.count % 4) % 4) }
        let name = Array(name.utf8) + [0]
        return word(name.count) + word(descriptor.count) + word(Int(type)) + padded(name) + padded(descriptor)
    }

    private static let abi = note("GNU", type: 1, Array(repeating: 0, count: 16))
    private static let odd = note("Go", type: 4, [1, 2, 3, 4, 5])
    private static let id: [UInt8] = Array(1...20)

    /// Notes, and the ID that is in them.
    static let notes: [([UInt8], [UInt8]?)] = [
        ([], nil), (abi, nil), (note("GNU", type: 3, id), id), (abi + odd + note("GNU", type: 3, id) + abi, id),
        (note("XYZ", type: 3, id) + odd, nil), (note("GNU", type: 3, [9]), [9]), (note("GNU", type: 3, []), nil),
        (note("GNU", type: 3, Array(repeating: 7, count: 64)), Array(repeating: 7, count: 64)),
        (note("GNU", type: 3, Array(repeating: 7, count: 65)), nil),
    ]

    @Test(arguments: notes)
    func foundBehindOtherNotes(notes: [UInt8], id: [UInt8]?) {
        #expect(BuildID.find(inNotes: notes.span.bytes) == id)
    }

    /// Lengths that lead out of the segment lead nowhere.
    @Test func cutNotesHoldNone() {
        let whole = Self.note("GNU", type: 3, Self.id)
        for count in 0..<whole.count {
            #expect(BuildID.find(inNotes: Array(whole.prefix(count)).span.bytes) == nil)
        }
        var long = whole
        for index in 0..<8 { long[index] = 0xFF }
        #expect(BuildID.find(inNotes: long.span.bytes) == nil)
    }
}
