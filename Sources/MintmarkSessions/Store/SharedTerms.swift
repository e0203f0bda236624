/// What many sessions have in common: client, audience and scope. Kept once per shard, with a count of its users.
///
/// A value; its shard's lock guards it.
struct SharedTerms: Sendable {
    struct Entry: Hashable, Sendable {
        let client: [UInt8]
        let audience: [UInt8]
        let scope: [UInt8]
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
