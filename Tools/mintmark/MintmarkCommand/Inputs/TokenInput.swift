import MintmarkWire

/// A token that is an argument, or the first line of standard input.
enum TokenInput {
    /// The longest token that can be sent at all, in bytes. Whether a shorter one is too long is for the server to say.
    static let lengthMax = Limits.frameLengthMax

    /// - Parameter argument: Nil and `-` stand for standard input.
    static func token(_ argument: String?, reading input: InputReader) throws(UsageError) -> String {
        guard let argument, argument != "-" else { return try tokenFromStandardInput(input) }
        return try checked(Array(argument.utf8), source: "the argument")
    }

    private static func tokenFromStandardInput(_ input: InputReader) throws(UsageError) -> String {
        guard let line = try input.firstLine(lengthMax: lengthMax) else {
            throw UsageError("the first line of standard input is longer than any token")
        }
        return try checked(line, source: "the first line of standard input")
    }

    private static func checked(_ bytes: [UInt8], source: String) throws(UsageError) -> String {
        let token = JSONText.trimmed(bytes[...])
        guard !token.isEmpty else { throw UsageError("there is no token: \(source) is empty") }
        guard token.count <= lengthMax else { throw UsageError("\(source) is longer than any token") }
        return String(decoding: token, as: UTF8.self)
    }
}
