import MintmarkWire

/// Custom claims: a JSON object that is an argument, in a file, or in standard input.
enum ClaimsInput {
    /// The longest claims the protocol takes, in bytes, without white space around them.
    static let lengthMax = Limits.claimsLengthMax
    /// With white space around them.
    private static let fileLengthMax = 65_536

    /// Only what is surely no object is refused here; the server judges the rest.
    ///
    /// - Parameter argument: The object itself, or `@` and the path of a file, or `-` for standard input.
    static func claims(_ argument: String?, reading input: InputReader) throws(UsageError) -> [UInt8]? {
        guard let argument else { return nil }
        let claims = JSONText.trimmed(try text(argument, reading: input)[...])
        guard claims.count <= lengthMax else { throw tooLong }
        guard claims.first == UInt8(ascii: "{"), claims.last == UInt8(ascii: "}") else {
            throw UsageError(#"claims are a JSON object, such as '{"plan":"pro"}', or @FILE, or - for standard input"#)
        }
        return Array(claims)
    }

    private static func text(_ argument: String, reading input: InputReader) throws(UsageError) -> [UInt8] {
        let text: [UInt8]?
        if argument == "-" {
            text = try input.everything(lengthMax: fileLengthMax)
        } else if argument.hasPrefix("@") {
            text = try input.contents(ofFile: String(argument.dropFirst()), lengthMax: fileLengthMax)
        } else {
            text = Array(argument.utf8)
        }
        guard let text else { throw tooLong }
        return text
    }

    private static let tooLong = UsageError("the claims are longer than \(lengthMax) bytes")
}
