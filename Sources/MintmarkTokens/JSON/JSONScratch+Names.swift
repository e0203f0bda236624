import MintmarkCrypto

extension JSONScratch {
    /// Objects up to this many members have each name compared with each other; longer ones are sorted first.
    private static let pairwiseCountMax = 16

    /// Forgets the names of an object that has ended, after checking that they differ.
    ///
    /// - Parameter firstName: index of the object's first name.
    /// - Throws: `duplicateName` at the first name that occurs before.
    mutating func closeObject(firstName: Int, in document: RawSpan) throws(JSONError) {
        let count = names.count - firstName
        let duplicate =
            count <= Self.pairwiseCountMax
            ? duplicateByPairs(firstName: firstName, in: document)
            : duplicateBySorting(firstName: firstName, in: document)
        if let duplicate {
            throw JSONError(.duplicateName, at: duplicate)
        }
        names.removeLast(count)
    }

    private func duplicateByPairs(firstName: Int, in document: RawSpan) -> Int? {
        for index in firstName..<names.count {
            for earlier in firstName..<index where isEqual(names[earlier], names[index], in: document) {
                return names[index].position
            }
        }
        return nil
    }

    /// Sorts the names in place, so that equal ones become neighbours, the earlier one first.
    private mutating func duplicateBySorting(firstName: Int, in document: RawSpan) -> Int? {
        sortNames(from: firstName, in: document)
        var duplicate: Int?
        for index in firstName + 1..<names.count where isEqual(names[index - 1], names[index], in: document) {
            duplicate = min(duplicate ?? .max, names[index].position)
        }
        return duplicate
    }

    /// Heapsort: no memory of its own, and no input that makes it quadratic.
    private mutating func sortNames(from first: Int, in document: RawSpan) {
        let count = names.count - first
        for root in stride(from: count / 2 - 1, through: 0, by: -1) {
            siftDown(root, count: count, from: first, in: document)
        }
        for end in stride(from: count - 1, to: 0, by: -1) {
            names.swapAt(first, first + end)
            siftDown(0, count: end, from: first, in: document)
        }
    }

    private mutating func siftDown(_ start: Int, count: Int, from first: Int, in document: RawSpan) {
        var root = start
        while 2 * root + 1 < count {
            var child = 2 * root + 1
            if child + 1 < count && isBefore(names[first + child], names[first + child + 1], in: document) {
                child += 1
            }
            guard isBefore(names[first + root], names[first + child], in: document) else { return }
            names.swapAt(first + root, first + child)
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

    private func isBefore(_ left: JSONName, _ right: JSONName, in document: RawSpan) -> Bool {
        withName(left, in: document) { leftBytes in
            withName(right, in: document) { rightBytes in
                if leftBytes.hasSameBytes(as: rightBytes) { return left.position < right.position }
                return leftBytes.precedes(rightBytes)
            }
        }
    }
}
