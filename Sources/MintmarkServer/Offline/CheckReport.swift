import MintmarkProgram
import MintmarkSessions
import MintmarkStorage
import MintmarkTokens

/// What `mintmarkd check` says of a data directory: for people, and as JSON.
struct CheckReport {
    let path: String
    /// Whether a daemon holds the directory's lock.
    let isInUse: Bool
    /// Where the master key was found that opens the store; nil when none does.
    let keyFile: String?
    let findings: StoreFindings
    let keys: KeyFindings
    let wallSeconds: UInt64

    /// Of the JSON; changes whenever a member changes its meaning or goes.
    static let schemaVersion = 1

    var exitCode: Int32 {
        isRefused ? OfflineExit.unusable : Self.exitCode(of: findings.verdict)
    }

    /// Whether a start refuses.
    var isRefused: Bool {
        if case .damaged = findings.verdict { return true }
        return keys.failure != nil
    }

    static func exitCode(of verdict: StoreFindings.Verdict) -> Int32 {
        switch verdict {
        case .sound: OfflineExit.sound
        case .torn: OfflineExit.torn
        case .damaged, .absent: OfflineExit.unusable
        }
    }

    // MARK: For people

    var text: String {
        var lines = OfflineLines()
        addStore(to: &lines)
        addJournal(to: &lines)
        addContents(to: &lines)
        addKeys(to: &lines)
        addRest(to: &lines)
        return lines.text + "\n" + verdictText
    }

    private func addStore(to lines: inout OfflineLines) {
        lines.add("Directory", path.printable + (isInUse ? ", in use by a daemon" : ""))
        if let storeID = findings.storeID {
            lines.add("Store", "\(storeID)")
            lines.add("Format", "version \(StorageFormat.version)")
        }
        if let keyID = findings.keyID, let keyFile {
            lines.add("Master key", "\(keyID), in \(keyFile.printable)")
        }
        if let snapshot = findings.snapshot {
            lines.add(
                "Snapshot",
                "\(snapshot.file): \(OfflineText.count(snapshot.counts.sessions, "session", "sessions")), "
                    + "\(OfflineText.count(snapshot.byteCount, "byte", "bytes")), "
                    + "taken \(OfflineText.instant(snapshot.storeSeconds)), "
                    + "\(OfflineText.span(wallSeconds - min(snapshot.storeSeconds, wallSeconds))) ago"
            )
        }
    }

    private func addJournal(to lines: inout OfflineLines) {
        guard !findings.segments.isEmpty else { return }
        lines.add(
            "Journal",
            "\(OfflineText.count(findings.segments.count, "segment", "segments")), "
                + "\(OfflineText.count(findings.boxCount, "box", "boxes")), "
                + OfflineText.count(findings.eventCount, "event", "events")
        )
        for segment in findings.segments {
            lines.add("  \(segment.file)", Self.text(of: segment))
        }
    }

    private static func text(of segment: StoreFindings.Segment) -> String {
        guard let numbers = segment.numbers else { return "no events" }
        return "\(OfflineText.count(segment.boxes, "box", "boxes")), "
            + "\(OfflineText.count(segment.events, "event", "events")), "
            + "numbers \(numbers.lowerBound) to \(numbers.upperBound)"
    }

    private func addContents(to lines: inout OfflineLines) {
        guard let contents = findings.contents else { return }
        let sessions = contents.sessions
        lines.add(
            "Sessions",
            "\(sessions.total): \(sessions.live) live, \(sessions.expired) expired, \(sessions.revoked) revoked, "
                + "\(sessions.cutOff) cut off"
        )
        lines.add("Cut-offs", "\(contents.cutOffs)")
        lines.add("Forced rotations", "\(contents.forcedRotations)")
        lines.add("Epoch", "\(contents.epoch.rawValue)")
        lines.add("Last number", "\(contents.lastLSN.rawValue)")
        lines.add(
            "Clocks",
            "store time \(OfflineText.instant(contents.clocks.storeSeconds)), "
                + "service clock \(contents.clocks.serviceMilliseconds) ms, "
                + "greatest iat \(contents.clocks.issuedAtMax)"
        )
        lines.add("Token keys", "\(contents.honouredKeys) honoured, \(contents.retiredKeys) retired")
    }

    private func addKeys(to lines: inout OfflineLines) {
        if let ledger = keys.ledger {
            let counts = KeyRecord.State.counted.map { state in
                "\(ledger.records.count { $0.state == state }) \(state.name)"
            }
            lines.add("Signing keys", counts.joined(separator: ", "))
            lines.add("Signs", String(decoding: ledger.active.keyID, as: UTF8.self))
        }
        if let unjudged = keys.unjudged {
            lines.add("Not looked at", "private halves of signing keys: \(unjudged)".printable)
        }
    }

    private func addRest(to lines: inout OfflineLines) {
        if let torn = findings.tornEnd {
            lines.add("Torn end", "\(torn.file), offset \(torn.offset): \(torn.byteCount) bytes to the end of the file")
        }
        if let previous = findings.previous {
            lines.add("Snapshot before", Self.text(of: previous))
        }
        for (index, file) in findings.unusedFiles.enumerated() {
            lines.add(index == 0 ? "Unused files" : "", file.printable)
        }
    }

    private static func text(of previous: StoreFindings.Previous) -> String {
        guard let failure = previous.failure else {
            return "\(previous.file): readable with its segments"
        }
        guard let lastLSN = previous.lastLSN else {
            return "not readable: \(failure)"
        }
        return "\(previous.file): readable, its segments to number \(lastLSN.rawValue): \(failure)"
    }

    private var verdictText: String {
        guard let failure = keys.failure else { return storeText }
        let start =
            "A start refuses, and changes nothing: the signing keys cannot be used: "
            + "\(failure)".printable + "\n" + Self.advice(on: failure)
        return switch findings.verdict {
        case .sound, .torn: "The sessions are sound. " + start + inUseText
        case .absent: "There is no store here. " + start
        case .damaged: storeText + start
        }
    }

    /// What to do about keys beside what the failure says.
    static func advice(on failure: KeyStoreFailure) -> String {
        guard case .activeKeyMissing = failure else { return "" }
        return
            "If the daemon's settings name the file of a key, or another directory of keys, name them here, too: with "
            + "--signing-key and --key-directory.\n"
    }

    private var storeText: String {
        switch findings.verdict {
        case .sound:
            "Sound.\n" + Self.hiddenDamage
        case .torn:
            "Sound, but for a torn end: a start cuts it off and keeps the bytes in a file beside it. A stop in the middle "
                + "of a write leaves one, and then nothing of it was acknowledged.\n" + Self.hiddenDamage + inUseText
        case .damaged(let failure):
            "Damaged or unusable: \("\(failure)".printable)\nA start refuses, and changes nothing.\n"
                + adviceText + inUseText
        case .absent:
            "There is no store here. A start would begin a new one.\n"
        }
    }

    private var adviceText: String {
        if findings.opensNothing {
            return "Nothing here opens with this master key: it is most likely another store's.\n"
        }
        guard findings.hasReadableSnapshot else {
            return "No snapshot can be read, so there is nothing that --salvage could build on. What helps is a copy "
                + "of this directory; without one, a new directory with the same signing key: access tokens stay good, "
                + "and every session begins anew.\n"
        }
        return "--salvage keeps every file and writes the store anew from what can be read, if a snapshot can.\n"
    }

    private var inUseText: String {
        isInUse ? "A daemon is writing here: what was read may have changed meanwhile.\n" : ""
    }

    private static let hiddenDamage =
        "What no rule can tell: a last box that was damaged after it had been synced looks like a torn end, or, where it "
        + "was filled with zeros, like none.\n"
}

extension KeyRecord.State {
    /// Those that are told of.
    static let counted: [Self] = [.active, .prepared, .retired, .revoked]

    var name: String {
        switch self {
        case .prepared: "prepared"
        case .active: "active"
        case .retired: "retired"
        case .revoked: "revoked"
        case .removed: "removed"
        }
    }
}
