/// Writes one JSON object (RFC 8259) on one line. Members come in the order in which they are added; what is nil is left
/// out.
struct JSONObject {
    private var members: [String] = []

    var text: String {
        "{" + members.joined(separator: ",") + "}"
    }

    mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        members.append(Self.quoted(name) + ":" + Self.quoted(value))
    }

    mutating func add(_ name: String, _ value: (some BinaryInteger)?) {
        guard let value else { return }
        members.append(Self.quoted(name) + ":\(value)")
    }

    mutating func add(_ name: String, _ value: Bool) {
        members.append(Self.quoted(name) + (value ? ":true" : ":false"))
    }

    mutating func add(_ name: String, _ values: [String]) {
        members.append(Self.quoted(name) + ":[" + values.map(Self.quoted).joined(separator: ",") + "]")
    }

    mutating func add(_ name: String, _ object: JSONObject?) {
        guard let object else { return }
        members.append(Self.quoted(name) + ":" + object.text)
    }

    mutating func add(_ name: String, _ objects: [JSONObject]) {
        members.append(Self.quoted(name) + ":[" + objects.map(\.text).joined(separator: ",") + "]")
    }

    /// Adds a value that is JSON already.
    mutating func add(_ name: String, json: String) {
        members.append(Self.quoted(name) + ":" + json)
    }

    /// The text as a JSON string.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                result += "\\\(scalar)"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default:
                result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
