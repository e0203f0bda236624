import MintmarkSessions
import MintmarkStorage
import MintmarkTokens

extension CheckReport {
    var json: String {
        var object = Self.beginning(path, verdict: verdictName)
        object.add("in_use", isInUse)
        if case .damaged(let failure) = findings.verdict {
            object.add("failure", JSONObject(failure))
            object.add("opens_nothing", findings.opensNothing)
        }
        object.add("signing_keys", keysObject)
        object.add("store_id", findings.storeID?.description)
        object.add("format_version", findings.storeID.map { _ in StorageFormat.version })
        object.add("key_id", findings.keyID)
        object.add("key_file", keyFile)
        object.add("snapshot", findings.snapshot.map(snapshotObject))
        object.add("segments", findings.segments.map(JSONObject.init))
        object.add("boxes", findings.boxCount)
        object.add("events", findings.eventCount)
        findings.contents?.add(to: &object)
        object.add("torn_end", findings.tornEnd.map(JSONObject.init))
        object.add("previous_snapshot", findings.previous.map(JSONObject.init))
        object.add("unused_files", findings.unusedFiles)
        return object.text + "\n"
    }

    /// What is told when the directory could not be looked at.
    static func json(for failure: DaemonFailure, _ path: String) -> String {
        var object = beginning(path, verdict: "unusable")
        object.add("reason", failure.message)
        return object.text + "\n"
    }

    static func beginning(_ path: String, verdict: String) -> JSONObject {
        var object = JSONObject()
        object.add("schema_version", schemaVersion)
        object.add("directory", path)
        object.add("verdict", verdict)
        return object
    }

    private var keysObject: JSONObject {
        var object = JSONObject()
        if let ledger = keys.ledger {
            object.add("active_key_id", String(decoding: ledger.active.keyID, as: UTF8.self))
            for state in KeyRecord.State.counted {
                object.add(state.name, ledger.records.count { $0.state == state })
            }
        }
        object.add("failure", keys.failure.map { "\($0)" })
        object.add("not_looked_at", keys.unjudged.map { "\($0)" })
        return object
    }

    private var verdictName: String {
        if case .absent = findings.verdict { return "absent" }
        guard !isRefused else { return "damaged" }
        return switch findings.verdict {
        case .sound: "sound"
        case .torn: "torn"
        case .damaged: "damaged"
        case .absent: "absent"
        }
    }

    private func snapshotObject(_ snapshot: StoreFindings.Snapshot) -> JSONObject {
        var object = JSONObject()
        object.add("file", snapshot.file)
        object.add("bytes", snapshot.byteCount)
        object.add("sessions", snapshot.counts.sessions)
        object.add("cut_offs", snapshot.counts.cutOffs)
        object.add("forced_rotations", snapshot.counts.forcedRotations)
        object.add("taken_at", snapshot.storeSeconds)
        object.add("age_seconds", wallSeconds - min(snapshot.storeSeconds, wallSeconds))
        return object
    }
}

extension JSONObject {
    init(_ failure: RecoveryFailure) {
        self.init()
        add("file", failure.file)
        add("offset", failure.offset)
        add("reason", failure.reasonText)
    }

    init(_ segment: StoreFindings.Segment) {
        self.init()
        add("file", segment.file)
        add("bytes", segment.byteCount)
        add("boxes", segment.boxes)
        add("events", segment.events)
        add("first_number", segment.numbers?.lowerBound)
        add("last_number", segment.numbers?.upperBound)
    }

    init(_ torn: StoreFindings.TornEnd) {
        self.init()
        add("file", torn.file)
        add("offset", torn.offset)
        add("bytes", torn.byteCount)
    }

    init(_ previous: StoreFindings.Previous) {
        self.init()
        add("file", previous.file)
        add("is_readable", previous.failure == nil)
        add("last_number", previous.lastLSN?.rawValue)
        add("failure", previous.failure.map { JSONObject($0) })
    }

    init(_ sessions: StoreFindings.SessionCounts) {
        self.init()
        add("total", sessions.total)
        add("live", sessions.live)
        add("expired", sessions.expired)
        add("revoked", sessions.revoked)
        add("cut_off", sessions.cutOff)
    }
}

extension StoreFindings.Contents {
    fileprivate func add(to object: inout JSONObject) {
        object.add("sessions", JSONObject(sessions))
        object.add("cut_offs", cutOffs)
        object.add("forced_rotations", forcedRotations)
        // Beyond what every reader of JSON keeps exact.
        object.add("epoch", "\(epoch.rawValue)")
        object.add("last_number", lastLSN.rawValue)
        var clockObject = JSONObject()
        clockObject.add("service_milliseconds", clocks.serviceMilliseconds)
        clockObject.add("store_seconds", clocks.storeSeconds)
        clockObject.add("issued_at_max", clocks.issuedAtMax)
        object.add("clocks", clockObject)
        var keys = JSONObject()
        keys.add("honoured", honouredKeys)
        keys.add("retired", retiredKeys)
        object.add("token_keys", keys)
    }
}
