import Testing

/// One message of the registry: what its body may hold.
struct MessageShape: Sendable, CustomTestStringConvertible {
    enum Direction: String, Sendable {
        case request
        case response
    }

    struct Field: Sendable {
        let tag: UInt8
        let name: String
        let type: String
        let isRequired: Bool
        /// Of numbers the number, of lists the items, of everything else the bytes.
        let allowed: ClosedRange<UInt64>
        let itemLength: ClosedRange<Int>
        let allowsControlCharacters: Bool

        /// The bytes of a value, where the type fixes them.
        var width: Int? { ["u8": 1, "u16": 2, "u32": 4, "u64": 8, "bool": 1][type] }
    }

    let name: String
    let direction: Direction
    let fields: [Field]
    let exactlyOne: [String]

    var testDescription: String { "\(name) \(direction)" }

    /// The kind byte of this message's frames.
    var kindByte: UInt8 {
        for kind in Registry.shared.kinds where kind.name == name {
            return number(fromHex: direction == .request ? kind.request ?? "0x00" : kind.response)
        }
        return 0
    }

    func field(_ name: String) -> Field? { fields.first { $0.name == name } }

    /// Whether a body may lack this field without any consequence.
    func isOptional(_ field: Field) -> Bool { !field.isRequired && !exactlyOne.contains(field.name) }

    static let all: [MessageShape] = Registry.shared.messages.flatMap { message in
        let response = MessageShape(message, .response, message.response)
        guard let request = message.request else { return [response] }
        return [MessageShape(message, .request, request), response]
    }

    private init(_ message: Registry.Message, _ direction: Direction, _ members: [Registry.Message.Member]) {
        name = message.kind
        self.direction = direction
        exactlyOne = direction == .request ? message.exactlyOne ?? [] : []
        let isClaimant = direction == .request && ["SIGN", "OPEN"].contains(message.kind)
        fields = members.map { member in
            Field(member, claimsLengthMax: isClaimant ? 4_096 : 8_192)
        }
    }
}

extension MessageShape.Field {
    init(_ member: Registry.Message.Member, claimsLengthMax: UInt64) {
        guard let field = Registry.shared.fields.first(where: { $0.name == member.field }) else {
            preconditionFailure("a message names \(member.field), which the registry does not have")
        }
        let max = field.name == "claims" ? claimsLengthMax : field.max ?? .max
        // Two rules that the registry states in words.
        let min = field.name == "access_token_ttl" ? 1 : field.min ?? 0
        self.init(
            tag: number(fromHex: field.tag),
            name: field.name,
            type: field.type,
            isRequired: member.required,
            allowed: min...max,
            itemLength: (field.itemMin ?? 0)...(field.itemMax ?? 65_535),
            allowsControlCharacters: field.controlCharacters ?? true
        )
    }
}
