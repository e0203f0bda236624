/// The "did you mean" of an unknown name.
package enum NameSuggestion {
    /// The candidate that is a slip of the finger away from `name`, or else the only one that begins as it does, if there
    /// is one.
    ///
    /// A slip is one inserted, missing, wrong or swapped character for every three of the name, at least one.
    /// A beginning is three bytes long, at least. Cost: the product of both lengths per candidate; names above 64 bytes get
    /// no suggestion.
    package static func nearest(to name: String, among candidates: [String]) -> String? {
        guard name.utf8.count <= 64 else { return nil }
        let distances = candidates.map { (name: $0, distance: distance(Array(name.utf8), Array($0.utf8))) }
        guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        guard best.distance > max(1, name.utf8.count / 3) else { return best.name }
        let longer = candidates.filter { name.utf8.count >= 3 && $0.hasPrefix(name) }
        return longer.count == 1 ? longer[0] : nil
    }

    /// What an error message appends.
    package static func question(_ suggestion: String?) -> String {
        suggestion.map { "; did you mean '\($0)'?" } ?? ""
    }

    /// Optimal string alignment: edits that turn `left` into `right`, a swap of neighbours being one.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let replaced = previous[column] + (left[row] == right[column] ? 0 : 1)
                var least = min(replaced, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    least = min(least, beforePrevious[column - 1] + 1)
                }
                current.append(least)
            }
            beforePrevious = previous
            previous = current
        }
        return previous[right.count]
    }
}
