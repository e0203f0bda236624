import MintmarkProgram
import MintmarkSessions
import MintmarkStorage

/// What `mintmarkd check --salvage` says: what it is about to do, and what it has done.
struct SalvageReport {
    let path: String
    let plan: SalvagePlan
    let keys: KeyFindings
    var outcome: Salvage.Outcome?

    // MARK: For people

    var planText: String {
        var text = "Damaged:\n"
        for failure in plan.failures {
            text += "  \("\(failure)".printable)\n"
        }
        let snapshotSessions = OfflineText.count(plan.snapshotSessions, "session", "sessions")
        text += "\nSaved:\n  \(plan.snapshotFile) with \(snapshotSessions)"
        text += plan.isOlderSnapshot ? ", because a newer snapshot cannot be read" : ""
        text +=
            "\n  \(OfflineText.count(plan.boxes, "box", "boxes")) of the journal behind it, up to number "
            + "\(plan.lastLSN.rawValue)\n"
        let sessions = plan.sessions
        text +=
            "  in all \(OfflineText.count(sessions.total, "session", "sessions")) (\(sessions.live) live, "
            + "\(sessions.expired) expired, \(sessions.revoked) revoked, \(sessions.cutOff) cut off), "
            + "\(OfflineText.count(plan.cutOffs, "cut-off", "cut-offs"))\n"
        return text + "\nLost:\n" + lossText + "\n"
    }

    private var lossText: String {
        var text = ""
        if let loss = plan.loss {
            text +=
                "  everything from number \(loss.first.rawValue) on; the last one known is \(loss.lastKnown.rawValue)\n"
                + "  revocations may be among it\(Self.savedText(loss))\n"
        }
        if plan.missingNumbers > 0 {
            text +=
                "  \(OfflineText.count(plan.missingNumbers, "number", "numbers")) between the snapshot and the end of "
                + "the journal: changes that were never written because of the mode 'snapshot', no revocations\n"
        }
        return text.isEmpty ? "  nothing that was ever acknowledged\n" : text
    }

    private static func savedText(_ loss: SalvagePlan.Loss) -> String {
        guard loss.savedRevocations > 0 else { return "" }
        return "; saved are those that can still be read behind the damage: \(loss.savedRevocations)"
    }

    func outcomeText(_ outcome: Salvage.Outcome) -> String {
        """
        The files as they were are in \(outcome.keptIn): \(outcome.keptFiles.joined(separator: ", ")).
        The store begins anew with \(outcome.snapshotFile), in a new epoch. \(startText)

        """ + holderText + clearedText(outcome)
    }

    private var startText: String {
        guard let failure = keys.failure else { return "Start the daemon." }
        return "A start refuses still: the signing keys cannot be used: \("\(failure)".printable)"
    }

    private var holderText: String {
        guard plan.loss != nil || plan.missingNumbers > 0 else { return "" }
        return """
            Sessions that were rotated in what is lost adopt the newer token when it is first used (fast_forward); until
            then one that was rotated away in it works again. Sessions that were opened in it are unknown: their holders
            sign in again.

            """
    }

    private func clearedText(_ outcome: Salvage.Outcome) -> String {
        outcome.isCleared
            ? "" : "Some old files could not be removed; the daemon ignores them, and removes them later.\n"
    }

    // MARK: As JSON

    var json: String {
        var object = CheckReport.beginning(path, verdict: "salvaged")
        object.add("failures", plan.failures.map { JSONObject($0) })
        var snapshot = JSONObject()
        snapshot.add("file", plan.snapshotFile)
        snapshot.add("sessions", plan.snapshotSessions)
        snapshot.add("is_older", plan.isOlderSnapshot)
        object.add("snapshot", snapshot)
        object.add("boxes", plan.boxes)
        object.add("sessions", JSONObject(plan.sessions))
        object.add("cut_offs", plan.cutOffs)
        object.add("last_number", plan.lastLSN.rawValue)
        object.add("missing_numbers", plan.missingNumbers)
        object.add("loss", plan.loss.map(Self.lossObject))
        object.add("signing_keys_failure", keys.failure.map { "\($0)" })
        object.add("kept_in", outcome?.keptIn)
        object.add("kept_files", outcome?.keptFiles ?? [])
        object.add("new_snapshot", outcome?.snapshotFile)
        return object.text + "\n"
    }

    private static func lossObject(_ loss: SalvagePlan.Loss) -> JSONObject {
        var object = JSONObject()
        object.add("first_number", loss.first.rawValue)
        object.add("last_known_number", loss.lastKnown.rawValue)
        object.add("may_hold_revocations", true)
        object.add("readable_boxes", loss.readableBoxes)
        object.add("readable_events", loss.readableEvents)
        object.add("saved_revocations", loss.savedRevocations)
        return object
    }
}
