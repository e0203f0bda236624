import MintmarkProgram

/// Writes one JSON object (RFC 8259) on one line.
///
/// Members come in the order in which they are added. What is nil is left out.
struct JSONObject {
    private var members: [String] = []

    /// The object's text.
    var text: String { "{" + members.joined(separator: ",") + "}" }

    mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        add(name, json: JSONObject.quoted(value))
    }

    mutating func add(_ name: String, _ value: (some BinaryInteger)?) {
        guard let value else { return }
        add(name, json: "\(value)")
    }

    mutating func add(_ name: String, _ value: Bool?) {
        guard let value else { return }
        add(name, json: value ? "true" : "false")
    }

    mutating func add(_ name: String, _ values: [String]?) {
        guard let values else { return }
        add(name, json: "[" + values.map(JSONObject.quoted).joined(separator: ",") + "]")
    }

    mutating func add(_ name: String, _ object: JSONObject) {
        add(name, json: object.text)
    }

    /// Adds a value that is JSON already.
    mutating func add(_ name: String, json: String?) {
        guard let json else { return }
        members.append(JSONObject.quoted(name) + ":" + json)
    }
}

extension JSONObject {
    /// The text as a JSON string.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.steersTerminals: result += escaped(scalar)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// `\uXXXX`, for scalars of the basic plane.
    static func escaped(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
