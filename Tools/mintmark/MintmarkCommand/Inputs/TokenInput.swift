import MintmarkWire

/// A token that is an argument, or the first line of standard input.
enum TokenInput {
    /// The longest token that can be sent at all, in bytes. Whether a shorter one is too long is for the server to say.
    static let lengthMax = Limits.frameLengthMax

    /// How every refresh token begins.
    private static let refreshTokenPrefix = "mmrt_"
    /// How every access token begins that the server makes: `{"` in base64url.
    private static let accessTokenPrefix = "eyJ"

    /// A token that may be an access token.
    ///
    /// - Parameter argument: Nil and `-` stand for standard input.
    static func accessToken(_ argument: String?, reading input: InputReader) throws(UsageError) -> String {
        let token = try token(argument, reading: input)
        guard !token.hasPrefix(refreshTokenPrefix) else {
            throw UsageError("this is a refresh token: mintmark introspect tells what it is")
        }
        return token
    }

    /// A token that may be a refresh token. The server takes any other for one that is not known, and revoking what is
    /// not known is success: so whoever gives something else is told here.
    ///
    /// - Parameters:
    ///   - argument: Nil and `-` stand for standard input.
    ///   - advice: What to do with an access token instead.
    static func refreshToken(
        _ argument: String?,
        reading input: InputReader,
        withAccessToken advice: String
    ) throws(UsageError) -> String {
        let token = try token(argument, reading: input)
        guard !token.hasPrefix(accessTokenPrefix) else { throw UsageError("this is an access token: \(advice)") }
        guard token.hasPrefix(refreshTokenPrefix) else {
            throw UsageError("a refresh token begins with \(refreshTokenPrefix)")
        }
        return token
    }

    private static func token(_ argument: String?, reading input: InputReader) throws(UsageError) -> String {
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
