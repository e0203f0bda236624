/// What must be the same for two runs to be comparable.
extension Comparison {
    private static let settings = [
        "transport", "connections", "idle_connections", "depth", "threads", "max_inflight", "mix", "keys", "arrival",
        "rate_per_second", "ramp_to_per_second", "spike_per_second", "spike_at_seconds", "spike_seconds", "tls_session",
        "claims_bytes",
        "on_full", "reconnect_every", "without_claims", "once", "distinct_tokens", "sessions", "hostile", "spin",
    ]

    private static let machine = ["processor", "processors", "processors_allowed", "quota_cores", "governor"]

    /// What was different in how the two were measured, in words.
    static func differences(_ base: RunDocument, _ new: RunDocument) -> [String] {
        var differences: [String] = []
        func compare(_ name: String, _ left: JSONValue, _ right: JSONValue) {
            guard left.text != right.text else { return }
            differences.append("\(name) was \(left.text) and is \(right.text)")
        }
        compare("mode", base.json["mode"], new.json["mode"])
        for name in settings { compare(name, base.json["settings"][name], new.json["settings"][name]) }
        for name in machine { compare(name, base.json["machine"][name], new.json["machine"][name]) }
        compare("optimised", base.json["run"]["optimised"], new.json["run"]["optimised"])
        compare("cores_allowed", base.json["server"]["cores_allowed"], new.json["server"]["cores_allowed"])
        return differences
    }

    /// What was different in the settings of the two servers, in words.
    static func serverDifferences(_ base: RunDocument, _ new: RunDocument) -> [String] {
        let (left, right) = (base.json["server"], new.json["server"])
        guard left["settings"].isNull == right["settings"].isNull else {
            return ["the server's settings are in one of the two reports only"]
        }
        var differences: [String] = []
        let names = left["settings"].members.map(\.name)
        let added = right["settings"].members.map(\.name).filter { !names.contains($0) }
        for name in names + added {
            let before = left["settings"][name].string ?? "unknown"
            let after = right["settings"][name].string ?? "unknown"
            if before != after { differences.append("the server's \(name) was \(before) and is \(after)") }
        }
        if differences.isEmpty, left["settings_digest"].string != right["settings_digest"].string {
            differences.append("the server's settings differ in what the reports do not name")
        }
        return differences
    }

    /// Which builds were measured, and with which.
    static func builds(_ base: RunDocument, _ new: RunDocument) -> [String] {
        func changed(_ who: String, _ before: String, _ after: String, isKnown: Bool) -> String {
            guard before == after else { return "\(who): \(before) → \(after)" }
            return isKnown ? "\(who): the same build, \(before)" : "\(who): \(before), of unknown builds"
        }
        let isKnown = { (member: String) in
            [base, new].allSatisfy { !$0.json[member]["build_id"].isNull }
        }
        return [
            changed("server", base.serverTitle, new.serverTitle, isKnown: isKnown("server")),
            changed("generator", base.generatorTitle, new.generatorTitle, isKnown: isKnown("run")),
        ]
    }
}
