/// A second reader of bodies, driven by the registry and written for reading: what is the first fault of a body?
///
/// It shares nothing with the codec but the specification (sections 4 and 5), so that the two can be held together.
struct ReferenceReader {
    let shape: MessageShape

    /// The fault that a body is reported with; nil if it is good.
    func fault(of body: [UInt8]) -> Fault? {
        var rest = body[...]
        var last = -1
        var values: [String: ArraySlice<UInt8>] = [:]
        while let tag = rest.popFirst() {
            if Int(tag) == last { return Fault("FIELD_DUPLICATE", tag) }
            if Int(tag) < last { return Fault("FIELD_ORDER", tag) }
            last = Int(tag)
            let field = shape.fields.first { $0.tag == tag }
            if field == nil, tag < 0x80 { return Fault("FIELD_UNKNOWN", tag) }
            let head = length(from: &rest)
            guard let length = head.length else { return Fault(head.fault, tag) }
            guard length <= rest.count else { return Fault("FIELD_TRUNCATED", tag) }
            let value = rest.prefix(length)
            rest = rest.dropFirst(length)
            guard let field else { continue }
            if let status = status(of: value, field) { return Fault(status, tag) }
            values[field.name] = value
        }
        return absence(in: values) ?? conflict(in: values)
    }

    private func length(from rest: inout ArraySlice<UInt8>) -> (length: Int?, fault: String) {
        var length = 0
        for index in 0..<3 {
            guard let byte = rest.popFirst() else { return (nil, "FIELD_TRUNCATED") }
            length += Int(byte % 128) << (7 * index)
            if byte < 128 { return byte == 0 && index > 0 ? (nil, "FIELD_LENGTH_FORM") : (length, "") }
        }
        return (nil, "FIELD_LENGTH_FORM")
    }

    private func absence(in values: [String: ArraySlice<UInt8>]) -> Fault? {
        shape.fields.first { $0.isRequired && values[$0.name] == nil }.map { Fault("FIELD_MISSING", $0.tag) }
    }

    private func conflict(in values: [String: ArraySlice<UInt8>]) -> Fault? {
        if let first = shape.exactlyOne.first {
            let there = shape.exactlyOne.filter { name in
                values[name].map { name != "any_audience" || $0 == [1] } ?? false
            }
            if there.count != 1 { return Fault("FIELD_CONFLICT", shape.field(first)?.tag) }
        }
        if let lowest = values["lowest_version"], let highest = values["highest_version"], shape.name == "HELLO",
            highest.lexicographicallyPrecedes(lowest)
        {
            return Fault("FIELD_CONFLICT", shape.field("lowest_version")?.tag)
        }
        return nil
    }
}

extension ReferenceReader {
    /// What is wrong with a value; nil if it is good.
    private func status(of value: ArraySlice<UInt8>, _ field: MessageShape.Field) -> String? {
        if let width = field.width {
            if value.count != width { return "FIELD_SIZE" }
            let number = value.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let allowed = field.type == "bool" ? (field.name == "all" ? 1 : 0)...1 : field.allowed
            return allowed.contains(number) ? nil : "FIELD_VALUE"
        }
        switch field.type {
        case "list of text": return statusOfTexts(value, field)
        case "list of counter": return statusOfCounters(value)
        case "list of key": return statusOfKeys(value, field)
        default: break
        }
        guard field.allowed.contains(UInt64(value.count)) else { return "FIELD_SIZE" }
        if field.name == "magic" { return Array(value) == Array("MINTMARK".utf8) ? nil : "FIELD_VALUE" }
        return field.type == "bytes" || isGoodText(value, field) ? nil : "FIELD_VALUE"
    }

    private func isGoodText(_ value: ArraySlice<UInt8>, _ field: MessageShape.Field) -> Bool {
        guard let text = String(validating: value, as: UTF8.self) else { return false }
        if !field.allowsControlCharacters, text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) {
            return false
        }
        guard field.name == "scope" else { return true }
        let tokens = text.split(separator: " ", omittingEmptySubsequences: false)
        return tokens.allSatisfy { token in
            !token.isEmpty && token.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
        }
    }

    private func statusOfTexts(_ value: ArraySlice<UInt8>, _ field: MessageShape.Field) -> String? {
        var rest = value
        var count: UInt64 = 0
        while !rest.isEmpty {
            guard let item = item(from: &rest) else { return "FIELD_VALUE" }
            if !field.itemLength.contains(item.count) { return "FIELD_SIZE" }
            if !isGoodText(item, field) { return "FIELD_VALUE" }
            count += 1
            if count > field.allowed.upperBound { return "FIELD_SIZE" }
        }
        return count < field.allowed.lowerBound ? "FIELD_SIZE" : nil
    }

    private func statusOfCounters(_ value: ArraySlice<UInt8>) -> String? {
        var rest = value
        while !rest.isEmpty {
            guard let item = item(from: &rest), item.count >= 9, item.dropFirst(8).allSatisfy({ $0 < 128 }) else {
                return "FIELD_VALUE"
            }
        }
        return nil
    }

    private func statusOfKeys(_ value: ArraySlice<UInt8>, _ field: MessageShape.Field) -> String? {
        var rest = value
        while !rest.isEmpty {
            guard let item = item(from: &rest), (74...137).contains(item.count) else { return "FIELD_VALUE" }
            guard (1...4).contains(item[item.startIndex + 40]) else { return "FIELD_VALUE" }
            let keyID = item.dropFirst(73)
            guard let text = String(validating: keyID, as: UTF8.self),
                !text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 })
            else { return "FIELD_VALUE" }
        }
        return nil
    }

    private func item(from rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let high = rest.popFirst(), let low = rest.popFirst() else { return nil }
        let length = Int(high) * 256 + Int(low)
        guard length <= rest.count else { return nil }
        defer { rest = rest.dropFirst(length) }
        return rest.prefix(length)
    }
}
