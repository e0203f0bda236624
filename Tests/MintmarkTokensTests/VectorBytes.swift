/// Bytes as the published vectors write them: hexadecimal text, or a list of such texts and of `[HH, count]`.
struct VectorBytes: Decodable, Sendable {
    let bytes: [UInt8]

    init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            bytes = try Self.bytes(text, decoder)
            return
        }
        var parts = try decoder.unkeyedContainer()
        var bytes: [UInt8] = []
        while !parts.isAtEnd {
            if let text = try? parts.decode(String.self) {
                bytes += try Self.bytes(text, decoder)
            } else {
                var run = try parts.nestedUnkeyedContainer()
                let byte = try Self.bytes(try run.decode(String.self), decoder)
                for _ in 0..<(try run.decode(Int.self)) { bytes += byte }
            }
        }
        self.bytes = bytes
    }

    private static func bytes(_ text: String, _ decoder: any Decoder) throws -> [UInt8] {
        guard let bytes = [UInt8](hexadecimal: text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "\(text) is not hexadecimal.")
            )
        }
        return bytes
    }
}
