import MintmarkCrypto

extension JSONScratch {
    /// Objects up to this many members have each name compared with each other; longer ones are sorted first.
    private static let pairwiseCountMax = 16

    /// Checks that the names of an object that has ended differ.
    ///
    /// - Parameter first: index of the object's first member. Its members are the last ones.
    /// - Throws: `duplicateName` at the first name that occurs before.
    mutating func checkNames(from first: Int, in document: RawSpan) throws(JSONError) {
        let duplicate =
            members.count - first <= Self.pairwiseCountMax
            ? duplicateByPairs(from: first, in: document)
            : duplicateBySorting(from: first, in: document)
        if let duplicate {
            throw JSONError(.duplicateName, at: duplicate)
        }
    }

    private func duplicateByPairs(from first: Int, in document: RawSpan) -> Int? {
        let end = members.count
        for index in first..<end {
            let prefix = members[index].name.prefix
            for earlier in first..<index
            where members[earlier].name.prefix == prefix
                && isEqual(members[earlier].name, members[index].name, in: document)
            {
                return members[index].name.position
            }
        }
        return nil
    }

    /// Sorts copies of the members, so that equal names become neighbours, the earlier one first.
    private mutating func duplicateBySorting(from first: Int, in document: RawSpan) -> Int? {
        let end = members.count
        for index in first..<end { members.append(members[index]) }
        defer { members.removeAll(behind: end) }
        sortNames(from: end, in: document)
        var duplicate: Int?
        for index in end + 1..<members.count
        where isEqual(members[index - 1].name, members[index].name, in: document) {
            duplicate = min(duplicate ?? .max, members[index].name.position)
        }
        return duplicate
    }

    /// Heapsort: no memory of its own, and no input that makes it quadratic.
    private mutating func sortNames(from first: Int, in document: RawSpan) {
        let count = members.count - first
        for root in stride(from: count / 2 - 1, through: 0, by: -1) {
            siftDown(root, count: count, from: first, in: document)
        }
        for end in stride(from: count - 1, to: 0, by: -1) {
            members.swapAt(first, first + end)
            siftDown(0, count: end, from: first, in: document)
        }
    }

    private mutating func siftDown(_ start: Int, count: Int, from first: Int, in document: RawSpan) {
        var root = start
        while 2 * root + 1 < count {
            var child = 2 * root + 1
            if child + 1 < count && isBefore(first + child, first + child + 1, in: document) {
                child += 1
            }
            guard isBefore(first + root, first + child, in: document) else { return }
            members.swapAt(first + root, first + child)
            root = child
        }
    }

    @inline(__always)
    private func isEqual(_ left: JSONName, _ right: JSONName, in document: RawSpan) -> Bool {
        guard left.prefix == right.prefix && left.range.count == right.range.count else { return false }
        return withName(left, in: document) { left in
            withName(right, in: document) { right in left.hasSameBytes(as: right) }
        }
    }

    private func isBefore(_ leftIndex: Int, _ rightIndex: Int, in document: RawSpan) -> Bool {
        let (left, right) = (members[leftIndex].name, members[rightIndex].name)
        return withName(left, in: document) { leftBytes in
            withName(right, in: document) { rightBytes in
                if leftBytes.hasSameBytes(as: rightBytes) { return left.position < right.position }
                return leftBytes.precedes(rightBytes)
            }
        }
    }
}
