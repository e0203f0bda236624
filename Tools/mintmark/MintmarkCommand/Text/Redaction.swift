/// Keeps tokens out of messages that repeat the arguments.
enum Redaction {
    /// Runs of token characters from this length on are taken for tokens: refresh tokens have 67, JWTs more.
    static let tokenLengthMin = 40

    /// The text with `…` in the place of everything that looks like a token.
    static func withoutTokens(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.firstIndex(where: isTokenCharacter) {
            let end = rest[start...].firstIndex { !isTokenCharacter($0) } ?? rest.endIndex
            let run = rest[start..<end]
            result += rest[..<start]
            result += isToken(run) ? "…" : run
            rest = rest[end...]
        }
        return result + rest
    }

    private static func isToken(_ run: Substring) -> Bool {
        run.utf8.count >= tokenLengthMin || run.hasPrefix("mmrt_") || run.hasPrefix("eyJ")
    }

    /// Base64url, and the dot of JWTs.
    private static func isTokenCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "-_.".contains(character))
    }
}
