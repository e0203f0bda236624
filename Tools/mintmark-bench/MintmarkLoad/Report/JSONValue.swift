/// JSON (RFC 8259). Members keep their order.
indirect enum JSONValue {
    case null
    case bool(Bool)
    case integer(Int)
    /// Written with three decimals at most.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([(name: String, value: JSONValue)])

    static func number(_ value: Double?) -> JSONValue {
        guard let value else { return .null }
        return .number(value) as JSONValue
    }

    static func string(_ value: String?) -> JSONValue {
        guard let value else { return .null }
        return .string(value) as JSONValue
    }

    static func integer(_ value: Int?) -> JSONValue {
        guard let value else { return .null }
        return .integer(value) as JSONValue
    }

    /// A member of an object; null if there is none.
    subscript(name: String) -> JSONValue {
        guard case .object(let members) = self else { return .null }
        return members.first { $0.name == name }?.value ?? .null
    }

    var members: [(name: String, value: JSONValue)] {
        guard case .object(let members) = self else { return [] }
        return members
    }

    var values: [JSONValue] {
        guard case .array(let values) = self else { return [] }
        return values
    }

    var number: Double? {
        switch self {
        case .number(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    var integer: Int? {
        guard case .integer(let value) = self else { return nil }
        return value
    }

    var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    var isNull: Bool {
        if case .null = self { return true }
        return false
    }

    /// The text, over several lines, without a line end behind the last.
    var text: String { text(indentation: "") }

    private func text(indentation: String) -> String {
        let inner = indentation + "  "
        switch self {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .integer(let value): return String(value)
        case .number(let value): return Self.decimal(value)
        case .string(let value): return Self.quoted(value)
        case .array(let values) where values.isEmpty: return "[]"
        case .array(let values):
            let lines = values.map { inner + $0.text(indentation: inner) }
            return "[\n" + lines.joined(separator: ",\n") + "\n\(indentation)]"
        case .object(let members) where members.isEmpty: return "{}"
        case .object(let members):
            let lines = members.map { inner + Self.quoted($0.name) + ": " + $0.value.text(indentation: inner) }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indentation)}"
        }
    }

    private static func decimal(_ value: Double) -> String {
        guard value.isFinite else { return "null" }
        let rounded = (value * 1_000).rounded() / 1_000
        // Above this there are no decimals to lose, and below it the description needs no exponent.
        return abs(rounded) < 1e15 ? "\(rounded)" : "\(value.rounded())"
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                result += "\\u" + Text.padded(String(scalar.value, radix: 16), to: 4, with: "0")
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
