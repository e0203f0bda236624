import MintmarkProgram

/// Lines of a name and a value, the values in one column.
struct AlignedLines {
    private var lines: [(name: String, value: String)] = []

    /// Whether numbers end in the same column instead of beginning in it.
    private let alignsToTheRight: Bool

    init(alignsToTheRight: Bool = false) {
        self.alignsToTheRight = alignsToTheRight
    }

    var isEmpty: Bool { lines.isEmpty }

    /// Adds a line; none if there is no value.
    mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        lines.append((name.printable, value.printable))
    }

    /// The lines, without a line end behind the last.
    var text: String {
        let nameWidth = lines.map(\.name.count).max() ?? 0
        let valueWidth = alignsToTheRight ? lines.map(\.value.count).max() ?? 0 : 0
        return lines.map { line in
            let namePadding = String(repeating: " ", count: nameWidth - line.name.count)
            let valuePadding = String(repeating: " ", count: max(0, valueWidth - line.value.count))
            return line.name + namePadding + "  " + valuePadding + line.value
        }
        .joined(separator: "\n")
    }
}
