/// What a ledger tells of one session, for people: in order, with names in place of tokens.
struct CrashHistory {
    private let session: String?
    private let subject: String?
    private var names: [Substring: String] = [:]
    private var counts: [String: Int] = [:]

    /// The lines of a ledger that are about a session, about its subject, or about the daemon as a whole.
    static func lines(of finding: CrashFinding, in ledger: some Sequence<Substring>) -> [String] {
        var history = CrashHistory(finding)
        var lines: [String] = []
        for line in ledger where history.isAbout(line) {
            // What happened to the daemon before there was the session is of no interest.
            if lines.isEmpty, history.subject != nil, line.split(separator: " ").dropFirst(2).first == "-" { continue }
            lines.append(history.readable(line))
        }
        return lines
    }

    private init(_ finding: CrashFinding) {
        session = finding.session.map { "s\($0)@\(finding.subject ?? "")" }
        subject = finding.subject.map { "@\($0)" }
    }

    private func isAbout(_ line: Substring) -> Bool {
        let columns = line.split(separator: " ", maxSplits: 3)
        guard columns.count > 3 else { return false }
        let holder = columns[2]
        if holder == "-" { return true }
        guard let subject else { return false }
        guard let session else { return holder.hasSuffix(subject) }
        return holder == session || holder == subject
    }

    private mutating func readable(_ line: Substring) -> String {
        line.split(separator: " ").map { word in
            if word.hasPrefix("mmrt_") { return name(word, "R") }
            if word.hasPrefix("eyJ") || word.hasPrefix("...") { return name(word, "A") }
            return String(word)
        }.joined(separator: " ")
    }

    /// What a token is called: tokens are secrets, and long.
    private mutating func name(_ word: Substring, _ letter: String) -> String {
        let token = word.suffix(CrashLedgerLine.tokenEndLength)
        if let name = names[token] { return name }
        let name = "\(letter)\(counts[letter, default: 0])"
        counts[letter, default: 0] += 1
        names[token] = name
        return name
    }
}
