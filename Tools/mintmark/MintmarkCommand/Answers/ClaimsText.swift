import MintmarkProgram

/// Claims for people: a line for each, as it is spelled in JSON; instants also as dates.
enum ClaimsText {
    /// The claims that hold instants (RFC 7519 section 4.1).
    private static let instants: Set<String> = ["exp", "nbf", "iat"]

    /// - Parameters:
    ///   - claims: A JSON object. Anything else is shown as it is.
    ///   - now: The wall clock, in seconds since 1970.
    static func lines(_ claims: [UInt8], at now: UInt64) -> String {
        let text = JSONText(claims)
        guard let members = text.members else { return text.singleLine.printable }
        var lines = AlignedLines()
        for member in members {
            lines.add(member.name, value(of: member, at: now))
        }
        return lines.text
    }

    private static func value(of member: JSONText.Member, at now: UInt64) -> String {
        guard instants.contains(member.name), let seconds = UInt64(member.value) else { return member.value }
        return "\(member.value) (\(TimeText.instant(seconds, from: now)))"
    }
}
