/// What a connection holds back until the disk has come as far as a number says.
///
/// In the order of the numbers; equal numbers in the order of parking. Confined to the connection's event loop.
struct ParkedAnswers<Number: Comparable, Content> {
    private struct Entry {
        var number: Number
        var requestID: UInt32
        var byteCount: Int
        var content: Content
    }

    private var entries: [Entry] = []
    /// Of everything that is parked.
    private(set) var byteCount = 0

    var isEmpty: Bool { entries.isEmpty }

    mutating func park(_ content: Content, byteCount: Int, requestID: UInt32, until number: Number) {
        self.byteCount += byteCount
        let entry = Entry(number: number, requestID: requestID, byteCount: byteCount, content: content)
        // Numbers nearly always ascend, so the search ends at once.
        let place = entries.lastIndex { $0.number <= number }.map { $0 + 1 } ?? 0
        entries.insert(entry, at: place)
    }

    /// Takes everything out that waits for `number` or less.
    mutating func release(through number: Number) -> [Content] {
        takeOut(through: number).map(\.content)
    }

    /// Forgets everything that waits for `number` or less; returns the ids of the requests that waited.
    mutating func abandon(through number: Number) -> [UInt32] {
        takeOut(through: number).map(\.requestID)
    }

    /// Forgets everything; returns the ids of the requests that waited: their outcome is unknown.
    mutating func abandon() -> [UInt32] {
        defer {
            entries.removeAll()
            byteCount = 0
        }
        return entries.map(\.requestID)
    }

    private mutating func takeOut(through number: Number) -> ArraySlice<Entry> {
        let count = entries.firstIndex { $0.number > number } ?? entries.count
        let taken = entries[..<count]
        entries.removeFirst(count)
        byteCount -= taken.reduce(0) { $0 + $1.byteCount }
        return taken
    }
}
