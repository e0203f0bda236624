import Foundation

/// `Protocol/registry.json`, as it stands.
struct Registry: Decodable, Sendable {
    struct Kind: Decodable {
        let name: String
        let request: String?
        let response: String
    }

    struct Field: Decodable {
        let tag: String
        let name: String
        let type: String
        let min: UInt64?
        let max: UInt64?
        let itemMin: Int?
        let itemMax: Int?
        let controlCharacters: Bool?
    }

    struct Message: Decodable {
        struct Member: Decodable {
            let field: String
            let required: Bool
        }

        let kind: String
        let exactlyOne: [String]?
        let request: [Member]?
        let response: [Member]
    }

    struct Status: Decodable {
        let number: UInt16
        let name: String
        let kind: String
        let closes: Bool
        let requestId: String
    }

    struct Limit: Decodable {
        let name: String
        let `default`: Int
        let ceiling: Int
    }

    let version: UInt16
    let magic: String
    let alpn: String
    let kinds: [Kind]
    let fields: [Field]
    let messages: [Message]
    let statuses: [Status]
    let limits: [Limit]

    static let shared = load()

    private static func load() -> Registry {
        do {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(Registry.self, from: Data(contentsOf: protocolFile("registry.json")))
        } catch {
            preconditionFailure("Protocol/registry.json cannot be read: \(error)")
        }
    }
}

/// A file of the `Protocol` folder.
func protocolFile(_ path: String) -> URL {
    // This file lies in Tests/MintmarkWireTests/Support.
    var root = URL(filePath: #filePath)
    for _ in 0..<4 {
        root.deleteLastPathComponent()
    }
    return root.appending(path: "Protocol").appending(path: path)
}

/// The number of a `0x…` string.
func number(fromHex text: String) -> UInt8 {
    guard let number = UInt8(text.dropFirst(2), radix: 16) else {
        preconditionFailure("\(text) in the registry is no byte")
    }
    return number
}
