import MintmarkProgram

/// The public keys.
struct KeysAnswer: CommandAnswer {
    /// A JWK Set (RFC 7517 section 5).
    var keySet: [UInt8]

    var json: String { JSONText(keySet).singleLine }

    /// The members of each key in lines, with an empty line between keys.
    func text(at now: UInt64) -> String {
        guard let keys = Self.keys(of: keySet) else { return JSONText(keySet).singleLine.printable }
        return keys.isEmpty ? "There are no keys." : keys.map(\.text).joined(separator: "\n\n")
    }

    private static func keys(of keySet: [UInt8]) -> [AlignedLines]? {
        let value = JSONText(keySet).members?.first { $0.name == "keys" }?.value
        return value.flatMap { JSONText(Array($0.utf8)).elements }?.map { key in
            var lines = AlignedLines()
            for member in key.members ?? [] {
                lines.add(member.name, member.value)
            }
            return lines
        }
    }
}
