import Foundation
import Testing

/// The table of a header in `Protocol/`: which bytes hold what.
struct FormatTable {
    struct Row {
        let offset: Int
        let byteCount: Int
        let content: String

        var range: Range<Int> { offset..<(offset + byteCount) }
    }

    let rows: [Row]

    /// The first table behind the line `line` of a document: offset, size, content.
    init(behind line: String, in document: String) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "Protocol/\(document)"), encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0 == line }, "\(line) is not in \(document)")
        let table = lines[start...].drop { $0 != "| offset | size | content |" }.dropFirst(2).prefix {
            $0.hasPrefix("|")
        }
        rows = table.compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            // What has no offset or size of its own is no part of the header.
            guard let offset = Int(cells[1]), let byteCount = Int(cells[2]) else { return nil }
            return Row(offset: offset, byteCount: byteCount, content: cells[3])
        }
        try #require(!rows.isEmpty)
    }

    /// The bytes of the row whose content is `content`, or else begins with it, which one row alone does.
    func bytes(_ content: String, of bytes: [UInt8]) throws -> [UInt8] {
        let row = try row(content)
        return Array(bytes[row.range])
    }

    /// The number in the bytes of a row.
    func number(_ content: String, of bytes: [UInt8]) throws -> UInt64 {
        try self.bytes(content, of: bytes).reduce(0) { $0 << 8 | UInt64($1) }
    }

    func row(_ content: String) throws -> Row {
        if let row = rows.first(where: { $0.content == content }) {
            return row
        }
        let found = rows.filter { $0.content.hasPrefix(content) }
        try #require(found.count == 1, "\(found.count) rows begin with “\(content)”")
        return found[0]
    }

    /// Whether the rows follow one another without gaps and overlaps.
    var isContiguous: Bool {
        rows[0].offset == 0 && zip(rows, rows.dropFirst()).allSatisfy { $0.range.upperBound == $1.offset }
    }

    var byteCount: Int {
        rows.last?.range.upperBound ?? 0
    }
}
