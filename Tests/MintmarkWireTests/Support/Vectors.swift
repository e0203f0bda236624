import Foundation
import MintmarkWire
import Testing

/// The vectors of one message, as `Protocol/vectors/README.md` describes them.
struct MessageVectors: Decodable, Sendable, CustomTestStringConvertible {
    struct Case: Decodable, Sendable {
        struct Fault: Decodable {
            let status: String
            let field: UInt8?
            let fault: String?
        }

        let name: String
        let frame: JSONValue
        let requestId: UInt32
        let fields: [String: JSONValue]?
        let decodeOnly: Bool?
        let error: Fault?
    }

    let message: String
    let requests: [Case]?
    let answers: [Case]

    var testDescription: String { message }

    static let all: [MessageVectors] = {
        let names = [
            "hello", "auth", "ping", "sign", "verify", "open", "refresh", "revoke", "introspect", "keys", "stats",
            "force-rotation", "snapshot", "key-list", "key-prepare", "key-activate", "key-revoke", "key-import",
            "error",
        ]
        return names.map { vectorFile("\($0).json") }
    }()
}

/// The vectors of frames.
struct FrameVectors: Decodable, Sendable {
    struct Scan: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let frameLengthMax: Int
        let bytes: JSONValue
        let outcome: String
        let status: String?
        let kind: UInt8?
        let flags: UInt8?
        let requestId: UInt32?
        let body: JSONValue?
        let used: Int?

        var testDescription: String { name }
    }

    struct Request: Decodable, Sendable, CustomTestStringConvertible {
        struct Fault: Decodable {
            let status: String
            let field: UInt8?
            let requestId: UInt32
            let closes: Bool
        }

        let name: String
        let state: String
        let frame: JSONValue
        let error: Fault

        var testDescription: String { "\(state): \(name)" }
    }

    let scans: [Scan]
    let requests: [Request]

    static let shared: FrameVectors = vectorFile("frames.json")
}

private func vectorFile<Content: Decodable>(_ name: String) -> Content {
    do {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Content.self, from: Data(contentsOf: protocolFile("vectors/\(name)")))
    } catch {
        preconditionFailure("Protocol/vectors/\(name) cannot be read: \(error)")
    }
}

extension FieldMap {
    struct BadVector: Error {
        let field: String
    }

    /// The fields of a vector, whose members are named as in the registry.
    init(_ members: [String: JSONValue], of shape: MessageShape) throws {
        for (name, value) in members {
            guard let field = shape.field(name), let value = FieldMap.value(value, of: field.type) else {
                throw BadVector(field: name)
            }
            values[field.name] = value
        }
    }

    private static func value(_ value: JSONValue, of type: String) -> (any Sendable)? {
        switch type {
        case "u8": value.number.map { UInt8($0) }
        case "u16": value.number.map { UInt16($0) }
        case "u32": value.number.map { UInt32($0) }
        case "u64": value.text.flatMap { UInt64($0) }
        case "bool": value.flag
        case "text": value.text
        case "bytes": value.bytes
        case "list of text": value.list?.compactMap(\.text)
        case "list of counter": value.list?.compactMap(\.object).compactMap(counter)
        case "list of key": value.list?.compactMap(\.object).compactMap(key)
        default: nil
        }
    }

    private static func key(_ object: [String: JSONValue]) -> SigningKey? {
        func instant(_ name: String) -> UInt64? { object[name]?.text.flatMap { UInt64($0) } }
        guard let keyID = object["key_id"]?.text, let publicKey = object["public_key"]?.bytes,
            let state = object["state"]?.number.flatMap({ SigningKey.State(rawValue: UInt8($0)) }),
            let preparedAt = instant("prepared_at"), let usableAt = instant("usable_at"),
            let activatedAt = instant("activated_at"), let retiredAt = instant("retired_at"),
            let endedAt = instant("ended_at")
        else { return nil }
        return SigningKey(
            keyID: keyID,
            state: state,
            publicKey: publicKey,
            preparedAt: preparedAt,
            usableAt: usableAt,
            activatedAt: activatedAt,
            retiredAt: retiredAt,
            endedAt: endedAt
        )
    }

    private static func counter(_ object: [String: JSONValue]) -> Counter? {
        guard let name = object["name"]?.text, let value = object["value"]?.text.flatMap({ UInt64($0) }) else {
            return nil
        }
        return Counter(name: name, value: value)
    }
}
