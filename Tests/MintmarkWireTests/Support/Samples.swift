import MintmarkTestSupport
import MintmarkWire

/// Good values for the fields of the registry.
struct Samples {
    private var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    /// Every field of the message; of those that exclude one another, only the first, or `chosen`.
    mutating func full(_ shape: MessageShape, chosen: String? = nil) -> FieldMap {
        let kept = chosen ?? shape.exactlyOne.first
        var map = FieldMap()
        for field in shape.fields where !shape.exactlyOne.contains(field.name) || field.name == kept {
            map.values[field.name] = value(of: field)
        }
        return inOrder(map, shape)
    }

    /// The required fields, and each of the others with a chance of one half.
    mutating func random(_ shape: MessageShape) -> FieldMap {
        var map = full(shape, chosen: shape.exactlyOne.randomElement(using: &generator))
        for field in shape.fields where shape.isOptional(field) {
            if Bool.random(using: &generator) { map.values[field.name] = nil }
        }
        return map
    }

    /// A good value. Flags are set, since writers leave out optional ones that are not.
    mutating func value(of field: MessageShape.Field) -> any Sendable {
        switch field.type {
        case "u8": UInt8(number(in: field.allowed, of: UInt64(UInt8.max)))
        case "u16": UInt16(number(in: field.allowed, of: UInt64(UInt16.max)))
        case "u32": UInt32(number(in: field.allowed, of: UInt64(UInt32.max)))
        case "u64": number(in: field.allowed, of: .max)
        case "bool": field.isRequired ? Bool.random(using: &generator) : true
        case "bytes": field.name == "magic" ? Array("MINTMARK".utf8) : generator.bytes(count: length(of: field))
        case "text": field.name == "scope" ? scope() : text(length: length(of: field))
        case "list of text": texts(of: field)
        case "list of counter": counters()
        case "list of key": keys()
        default: preconditionFailure("\(field.type) is an unknown type of the registry")
        }
    }

    private mutating func number(in range: ClosedRange<UInt64>, of maximum: UInt64) -> UInt64 {
        UInt64.random(in: range.clamped(to: 0...maximum), using: &generator)
    }

    private mutating func length(of field: MessageShape.Field) -> Int {
        Int(UInt64.random(in: field.allowed.clamped(to: 0...300), using: &generator))
    }

    /// Text of that many bytes: letters, and where there is room others than ASCII.
    private mutating func text(length: Int) -> String {
        var text = ""
        while text.utf8.count < length {
            let letters = ["a", "Z", " ", "\"", "é", "日", "🙂"].filter { text.utf8.count + $0.utf8.count <= length }
            text += letters.randomElement(using: &generator) ?? "x"
        }
        return text
    }

    private mutating func scope() -> String {
        (0..<Int.random(in: 1...5, using: &generator)).map { "read:\($0)!" }.joined(separator: " ")
    }

    private mutating func texts(of field: MessageShape.Field) -> [String] {
        let count = UInt64.random(in: field.allowed.clamped(to: 0...16), using: &generator)
        return (0..<count).map { _ in
            text(length: Int.random(in: field.itemLength.clamped(to: 0...300), using: &generator))
        }
    }

    private mutating func counters() -> [Counter] {
        (0..<Int.random(in: 0...9, using: &generator)).map { index in
            Counter(name: "counter_\(index)", value: .random(in: 0 ... .max, using: &generator))
        }
    }

    private mutating func keys() -> [SigningKey] {
        (0..<Int.random(in: 0...5, using: &generator)).map { index in
            SigningKey(
                keyID: text(length: Int.random(in: 1...64, using: &generator)),
                state: SigningKey.State.allCases.randomElement(using: &generator) ?? .active,
                publicKey: generator.bytes(count: 32),
                preparedAt: .random(in: 0 ... .max, using: &generator),
                usableAt: .random(in: 0 ... .max, using: &generator),
                activatedAt: UInt64(index)
            )
        }
    }

    /// HELLO's versions in their order.
    private func inOrder(_ map: FieldMap, _ shape: MessageShape) -> FieldMap {
        guard shape.name == "HELLO", shape.direction == .request,
            let lowest: UInt16 = map.optional("lowest_version"),
            let highest: UInt16 = map.optional("highest_version")
        else { return map }
        var map = map
        map.values["lowest_version"] = min(lowest, highest)
        map.values["highest_version"] = max(lowest, highest)
        return map
    }
}
