@testable import MintmarkLoad

/// Holds JSON against a schema, as far as `Protocol/bench.schema.json` uses the language of schemas.
struct SchemaCheck {
    let schema: JSONValue
    /// What does not fit, each with its place.
    private(set) var faults: [String] = []

    init(_ schema: JSONValue) {
        self.schema = schema
    }

    mutating func check(_ value: JSONValue) { check(value, schema, "") }

    private mutating func check(_ value: JSONValue, _ rules: JSONValue, _ place: String) {
        for (name, rule) in rules.members {
            switch name {
            case "$ref": check(value, resolved(rule), place)
            case "type" where !types(rule).contains { fits(value, $0) }: faults.append("\(place): no \(rule.text)")
            case "const" where value.text != rule.text: faults.append("\(place): not \(rule.text)")
            case "enum" where !rule.values.contains { $0.text == value.text }:
                faults.append("\(place): not one of these")
            case "minimum" where (value.number ?? .infinity) < (rule.number ?? 0): faults.append("\(place): too small")
            case "minProperties" where value.members.count < (rule.integer ?? 0):
                faults.append("\(place): too few members")
            case "required" where fits(value, "object"):
                for member in rule.values.compactMap(\.string)
                where !value.members.contains(where: { $0.name == member }) {
                    faults.append("\(place): no \(member)")
                }
            case "properties":
                for (member, inner) in value.members where !rule[member].isNull {
                    check(inner, rule[member], "\(place)/\(member)")
                }
            case "additionalProperties":
                for (member, inner) in value.members { check(inner, rule, "\(place)/\(member)") }
            case "items":
                for (index, inner) in value.values.enumerated() { check(inner, rule, "\(place)/\(index)") }
            default: break
            }
        }
    }

    private func resolved(_ reference: JSONValue) -> JSONValue {
        (reference.string ?? "").split(separator: "/").dropFirst().reduce(schema) { $0[String($1)] }
    }

    private func types(_ rule: JSONValue) -> [String] {
        rule.string.map { [$0] } ?? rule.values.compactMap(\.string)
    }

    private func fits(_ value: JSONValue, _ type: String) -> Bool {
        switch (type, value) {
        case ("null", .null), ("boolean", .bool), ("string", .string), ("integer", .integer): true
        case ("number", .integer), ("number", .number), ("array", .array), ("object", .object): true
        default: false
        }
    }
}
