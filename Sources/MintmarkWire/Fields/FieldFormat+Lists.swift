/// Items of `u16 length, bytes` behind one another, all read as texts.
protocol ListFieldFormat: FieldFormat where Value == ItemList, Copy == [Item] {
    associatedtype Item: Sendable

    /// The bytes an item may have. Others are FIELD_SIZE.
    static var itemLength: ClosedRange<Int> { get }

    /// Whether an item's content is what the format allows. Others are FIELD_VALUE.
    static func acceptsItem(_ item: Range<Int>, in body: RawSpan) -> Bool

    static func copyItem(_ item: Range<Int>, from body: RawSpan) -> Item

    static func itemLength(of item: Item) -> Int

    static func appendItem(_ item: Item, to output: inout OutputSpan<UInt8>)
}

extension ListFieldFormat {
    static var standIn: ItemList { ItemList(bytes: 0..<0, count: 0) }

    /// Walks the items in order and reports the first fault: a list that ends inside an item (FIELD_VALUE), an item's
    /// size (FIELD_SIZE), its content (FIELD_VALUE), one item too many (FIELD_SIZE); at the end too few (FIELD_SIZE).
    static func value(of field: Field<Self>, at range: Range<Int>, in body: RawSpan) -> Result<ItemList, WireError> {
        var count = 0
        var offset = range.lowerBound
        while offset < range.upperBound {
            guard let item = body.item(at: offset, before: range.upperBound) else { return .failure(field.valueError) }
            if let fault = fault(of: item, in: body, field: field) { return .failure(fault) }
            offset = item.upperBound
            count += 1
            guard count <= field.allowed.upperBound else {
                return .failure(field.error(.fieldSize, found: UInt64(count)))
            }
        }
        guard count >= field.allowed.lowerBound else {
            return .failure(field.error(.fieldSize, found: UInt64(count)))
        }
        return .success(ItemList(bytes: range, count: count))
    }

    private static func fault(of item: Range<Int>, in body: RawSpan, field: Field<Self>) -> WireError? {
        guard itemLength.contains(item.count) else {
            let allowed = UInt64(itemLength.lowerBound)...UInt64(itemLength.upperBound)
            return WireError(.fieldSize, field: field.tag.rawValue, found: UInt64(item.count), allowed: allowed)
        }
        return acceptsItem(item, in: body) ? nil : field.valueError
    }

    static func copy(_ value: ItemList, from body: RawSpan) -> [Item] {
        var items: [Item] = []
        items.reserveCapacity(value.count)
        var cursor = value.makeCursor()
        while let item = cursor.next(in: body) {
            items.append(copyItem(item, from: body))
        }
        return items
    }

    static func length(of copy: [Item]) -> Int? {
        var total = 0
        for item in copy {
            let length = itemLength(of: item)
            guard length <= UInt16.max else { return nil }
            total += 2 + length
        }
        return total
    }

    static func append(_ copy: [Item], to output: inout OutputSpan<UInt8>) {
        for item in copy {
            output.append(bigEndian: UInt16(itemLength(of: item)))
            appendItem(item, to: &output)
        }
    }
}

extension ListFieldFormat where Item == String {
    static func copyItem(_ item: Range<Int>, from body: RawSpan) -> String { body.string(item) }

    static func itemLength(of item: String) -> Int { item.utf8.count }

    static func appendItem(_ item: String, to output: inout OutputSpan<UInt8>) { output.append(utf8: item) }
}

/// Items of well-formed UTF-8.
enum TextListFormat: ListFieldFormat {
    typealias Item = String

    static var itemLength: ClosedRange<Int> { 0...Int(UInt16.max) }

    static func acceptsItem(_ item: Range<Int>, in body: RawSpan) -> Bool { body.isText(in: item) }
}

/// Audiences: names of 1 to 256 bytes.
enum NameListFormat: ListFieldFormat {
    typealias Item = String

    static var itemLength: ClosedRange<Int> { 1...Limits.audienceLengthMax }

    static func acceptsItem(_ item: Range<Int>, in body: RawSpan) -> Bool { body.isName(in: item) }
}

/// Counters: a u64 value followed by a name of at least one ASCII character. Shorter items are FIELD_VALUE too.
enum CounterListFormat: ListFieldFormat {
    private static let valueSize = 8

    static var itemLength: ClosedRange<Int> { 0...Int(UInt16.max) }

    static func acceptsItem(_ item: Range<Int>, in body: RawSpan) -> Bool {
        item.count > valueSize && body.isASCII(in: item.dropFirst(valueSize))
    }

    static func copyItem(_ item: Range<Int>, from body: RawSpan) -> Counter {
        Counter(
            name: body.string(item.dropFirst(valueSize)),
            value: body.bigEndian(UInt64.self, at: item.lowerBound)
        )
    }

    static func itemLength(of item: Counter) -> Int { valueSize + item.name.utf8.count }

    static func appendItem(_ item: Counter, to output: inout OutputSpan<UInt8>) {
        output.append(bigEndian: item.value)
        output.append(utf8: item.name)
    }
}
