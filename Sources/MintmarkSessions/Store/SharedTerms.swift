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

    private var entries: [Entry?] = []
    private var useCounts: [Int] = []
    private var free: [UInt32] = []
    private var numbers: [Entry: UInt32] = [:]

    /// The number of `entry`, used once more.
    mutating func use(_ entry: Entry) -> UInt32 {
        if let number = numbers[entry] {
            useCounts[Int(number)] += 1
            return number
        }
        let number: UInt32
        if let reused = free.popLast() {
            number = reused
            entries[Int(number)] = entry
            useCounts[Int(number)] = 1
        } else {
            number = UInt32(entries.count)
            entries.append(entry)
            useCounts.append(1)
        }
        numbers[entry] = number
        return number
    }

    /// Gives one use of a number back; the last removes its entry.
    mutating func release(_ number: UInt32) {
        useCounts[Int(number)] -= 1
        guard useCounts[Int(number)] == 0, let entry = entries[Int(number)] else { return }
        numbers[entry] = nil
        entries[Int(number)] = nil
        free.append(number)
    }

    subscript(number: UInt32) -> Entry {
        guard let entry = entries[Int(number)] else {
            preconditionFailure("terms \(number) are not in use")
        }
        return entry
    }
}
