/// What many sessions have in common: client, audience and scope. Kept once per shard, with a count of its users.
///
/// A value; its shard's lock guards it.
struct SharedTerms: Sendable {
    /// In one piece, since every use of a session looks at it.
    struct Entry: Hashable, Sendable {
        /// Client, audience, scope.
        let bytes: [UInt8]
        let clientByteCount: Int
        let audienceByteCount: Int

        init(client: [UInt8], audience: [UInt8], scope: [UInt8]) {
            bytes = client + audience + scope
            clientByteCount = client.count
            audienceByteCount = audience.count
        }

        var client: [UInt8] { Array(bytes[..<clientByteCount]) }
        var audience: [UInt8] { Array(bytes[clientByteCount..<clientByteCount + audienceByteCount]) }
        var scope: [UInt8] { Array(bytes[(clientByteCount + audienceByteCount)...]) }

        func isClient(_ clientID: RawSpan) -> Bool {
            bytes.span.bytes.extracting(first: clientByteCount).isEqual(to: clientID)
        }
    }

    private struct Place {
        /// Without any text while nobody uses it.
        var entry: Entry
        var useCount: Int
    }

    private var places: [Place] = []
    private var free: [UInt32] = []
    private var numbers: [Entry: UInt32] = [:]

    /// The number of `entry`, used once more.
    mutating func use(_ entry: Entry) -> UInt32 {
        if let number = numbers[entry] {
            places[Int(number)].useCount += 1
            return number
        }
        let number: UInt32
        if let reused = free.popLast() {
            number = reused
            places[Int(number)] = Place(entry: entry, useCount: 1)
        } else {
            number = UInt32(places.count)
            places.append(Place(entry: entry, useCount: 1))
        }
        numbers[entry] = number
        return number
    }

    /// Gives one use of a number back; the last removes its entry.
    mutating func release(_ number: UInt32) {
        let place = Int(number)
        places[place].useCount -= 1
        guard places[place].useCount == 0 else { return }
        numbers[places[place].entry] = nil
        places[place].entry = Entry(client: [], audience: [], scope: [])
        free.append(number)
    }

    /// Lends an entry that is in use.
    ///
    /// Through a span, which counts no references: the count is changed by every thread that uses the terms.
    func withEntry<Result>(_ number: UInt32, _ body: (borrowing Entry) -> Result) -> Result {
        let places = places.span
        precondition(places[Int(number)].useCount > 0, "terms \(number) are not in use")
        return body(places[Int(number)].entry)
    }
}
