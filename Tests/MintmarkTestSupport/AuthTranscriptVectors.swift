import Foundation

/// `Protocol/vectors/auth-transcript.json`.
package struct AuthTranscriptVectors: Decodable, Sendable {
    package struct Case: Decodable, Sendable {
        package let name: String
        package let bindingKind: UInt8
        package let binding: Hexadecimal
        package let hello: Hexadecimal
        package let helloAnswer: Hexadecimal
        package let clientID: String
        package let transcript: Hexadecimal
        package let signature: Hexadecimal
        package let valid: Bool

        private enum CodingKeys: String, CodingKey {
            case name
            case bindingKind = "binding_kind"
            case binding, hello
            case helloAnswer = "hello_answer"
            case clientID = "client_id"
            case transcript, signature, valid
        }
    }

    /// Bytes that the file writes as pairs of hexadecimal digits.
    package struct Hexadecimal: Decodable, Sendable {
        package let bytes: [UInt8]

        package init(from decoder: any Decoder) throws {
            let text = try decoder.singleValueContainer().decode(String.self)
            var bytes: [UInt8] = []
            var rest = text[...]
            while !rest.isEmpty {
                guard let byte = UInt8(rest.prefix(2), radix: 16) else {
                    throw DecodingError.dataCorrupted(
                        DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "no hexadecimal digits")
                    )
                }
                bytes.append(byte)
                rest = rest.dropFirst(2)
            }
            self.bytes = bytes
        }
    }

    /// The seed of the key that signed.
    package let seed: Hexadecimal
    package let publicKey: Hexadecimal
    package let cases: [Case]

    private enum CodingKeys: String, CodingKey {
        case seed
        case publicKey = "public_key"
        case cases
    }

    package static func read() throws -> AuthTranscriptVectors {
        let root = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "Protocol/vectors/auth-transcript.json")
        return try JSONDecoder().decode(AuthTranscriptVectors.self, from: Data(contentsOf: file))
    }
}
