/// Reads JSON (RFC 8259). Strict: one value, nothing behind it, no member twice.
struct JSONParser {
    /// Where a text stops being JSON.
    struct Fault: Error, Hashable, CustomStringConvertible {
        /// The byte, from 0.
        var offset: Int

        var description: String { "no JSON at byte \(offset)" }
    }

    static let depthMax = 64

    private let bytes: [UInt8]
    private var place = 0

    static func parse(_ bytes: [UInt8]) throws(Fault) -> JSONValue {
        var parser = JSONParser(bytes: bytes)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.place == bytes.count else { throw Fault(offset: parser.place) }
        return value
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var fault: Fault { Fault(offset: place) }

    private mutating func skipSpace() {
        while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func value(depth: Int) throws(Fault) -> JSONValue {
        guard depth < Self.depthMax else { throw fault }
        skipSpace()
        guard place < bytes.count else { throw fault }
        switch bytes[place] {
        case UInt8(ascii: "{"): return try object(depth)
        case UInt8(ascii: "["): return try array(depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(Fault) -> JSONValue {
        guard bytes[place...].starts(with: word.utf8) else { throw fault }
        place += word.utf8.count
        return value
    }

    private mutating func object(_ depth: Int) throws(Fault) -> JSONValue {
        place += 1
        var members: [(name: String, value: JSONValue)] = []
        var names: Set<String> = []
        if take("}") { return .object([]) }
        repeat {
            skipSpace()
            guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { throw fault }
            let name = try string()
            guard names.insert(name).inserted, take(":") else { throw fault }
            members.append((name, try value(depth: depth + 1)))
        } while take(",")
        guard take("}") else { throw fault }
        return .object(members)
    }

    private mutating func array(_ depth: Int) throws(Fault) -> JSONValue {
        place += 1
        var values: [JSONValue] = []
        if take("]") { return .array([]) }
        repeat {
            values.append(try value(depth: depth + 1))
        } while take(",")
        guard take("]") else { throw fault }
        return .array(values)
    }

    private mutating func number() throws(Fault) -> JSONValue {
        let start = place
        while place < bytes.count, "+-.0123456789eE".utf8.contains(bytes[place]) { place += 1 }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        if let value = Int(text), !text.hasPrefix("+") { return .integer(value) }
        guard let value = Double(text), value.isFinite, !text.hasPrefix("+") else { throw Fault(offset: start) }
        return .number(value) as JSONValue
    }

    private mutating func string() throws(Fault) -> String {
        place += 1
        var text: [UInt8] = []
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw fault }
                return string
            case UInt8(ascii: "\\"): text += try escaped()
            case ..<0x20: throw fault
            default: text.append(byte)
            }
        }
        throw fault
    }

    private mutating func escaped() throws(Fault) -> [UInt8] {
        guard place < bytes.count else { throw fault }
        defer { place += 1 }
        switch bytes[place] {
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [bytes[place]]
        case UInt8(ascii: "u"): return try unicode()
        default: throw fault
        }
    }

    /// Leaves the place at the last digit.
    private mutating func unicode() throws(Fault) -> [UInt8] {
        var code = try unit()
        if code & 0xFC00 == 0xD800 {
            guard bytes[(place + 1)...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else { throw fault }
            place += 2
            let low = try unit()
            guard low & 0xFC00 == 0xDC00 else { throw fault }
            code = 0x1_0000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw fault }
        return Array(String(Character(scalar)).utf8)
    }

    private mutating func unit() throws(Fault) -> UInt32 {
        guard place + 4 < bytes.count else { throw fault }
        let digits = bytes[place + 1...place + 4]
        guard
            digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw fault }
        place += 4
        return value
    }
}
