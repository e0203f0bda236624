import Foundation

/// Any JSON value, as the vectors hold them.
enum JSONValue: Decodable, Sendable {
    case text(String)
    case number(UInt64)
    case flag(Bool)
    case list([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(UInt64.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([JSONValue].self) {
            self = .list(list)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    var number: UInt64? {
        if case .number(let number) = self { number } else { nil }
    }

    var flag: Bool? {
        if case .flag(let flag) = self { flag } else { nil }
    }

    var list: [JSONValue]? {
        if case .list(let list) = self { list } else { nil }
    }

    var object: [String: JSONValue]? {
        if case .object(let object) = self { object } else { nil }
    }

    /// Bytes: hex digits, or a list of parts, each hex digits or `[HH, n]`.
    var bytes: [UInt8]? {
        if let text { return JSONValue.bytes(fromHex: text) }
        guard let list else { return nil }
        var bytes: [UInt8] = []
        for part in list {
            if let piece = part.text.flatMap(JSONValue.bytes(fromHex:)) {
                bytes += piece
            } else if let repeated = part.list, repeated.count == 2, let byte = repeated[0].bytes, byte.count == 1,
                let count = repeated[1].number
            {
                bytes += [UInt8](repeating: byte[0], count: Int(count))
            } else {
                return nil
            }
        }
        return bytes
    }

    private static func bytes(fromHex text: String) -> [UInt8]? {
        let digits = Array(text.utf8).map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(UInt8(high * 16 + low))
        }
        return bytes
    }
}
