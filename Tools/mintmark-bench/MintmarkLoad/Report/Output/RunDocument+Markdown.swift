/// A saved run for people who read it on a page.
extension RunDocument {
    var markdown: String {
        var lines = ["## \(title)", ""]
        lines += [verdictLine, ""]
        lines += pointLines
        lines += ["| µs | per second | p50 | p90 | p99 | p99.9 | p99.99 | max |", "|---|--:|--:|--:|--:|--:|--:|--:|"]
        for name in operationNames {
            lines.append(row(name, json["operations"][name], "latency_us", rate: true))
            guard isOpenLoop else { continue }
            lines.append(row("\(name), service", json["operations"][name], "service_us", rate: false))
            lines.append(row("\(name), lag", json["operations"][name], "lag_us", rate: false))
        }
        lines.append("")
        lines += errorLines + thresholdLines + [settingsLine]
        return lines.joined(separator: "\n") + "\n"
    }

    /// What was measured, in a line.
    var title: String {
        let settings = json["settings"]
        let rate = settings["rate_per_second"].number.map { " at \(Text.number($0, decimals: 0))/s" } ?? ""
        return "\(mode)\(rate): \(settings["mix"].string ?? "")"
    }

    /// Whether the figures count, in words.
    var verdictLine: String {
        var parts: [String] = []
        if json["interrupted"].bool == true { parts.append("**interrupted**") }
        let reasons = json["verdict"]["reasons"].values.compactMap(\.string)
        parts += reasons.map { "**INVALID**: \($0)" }
        return parts.isEmpty ? "The generator kept up." : parts.joined(separator: "; ")
    }

    private var pointLines: [String] {
        let points = json["points"].values
        guard !points.isEmpty else { return [] }
        var lines = ["| rate/s | answered/s | p50 µs | p99 µs | |", "|--:|--:|--:|--:|---|"]
        for point in points {
            let cells = ["rate_per_second", "completed_per_second", "p50_us", "p99_us"].map { cell(point[$0]) }
            lines.append("| \(cells.joined(separator: " | ")) | \(point["finding"].string ?? "") |")
        }
        return lines + [""]
    }

    private func row(_ name: String, _ operation: JSONValue, _ times: String, rate: Bool) -> String {
        let figures = ["p50", "p90", "p99", "p999", "p9999", "max"].map { cell(operation[times][$0], decimals: 1) }
        let first = rate ? cell(operation["completed_per_second"]) : ""
        return "| \(([name, first] + figures).joined(separator: " | ")) |"
    }

    private func cell(_ value: JSONValue, decimals: Int = 0) -> String {
        value.number.map { Text.number($0, decimals: decimals) } ?? "n/a"
    }

    private var errorLines: [String] {
        let errors = json["errors"].members
        guard !errors.isEmpty else { return ["No errors.", ""] }
        return errors.map { name, count in
            let example = json["error_details"][name]["first_example"].string ?? ""
            return "- **\(name)** × \(count.text): \(example)"
        } + [""]
    }

    private var thresholdLines: [String] {
        let thresholds = json["thresholds"].values
        guard !thresholds.isEmpty else { return [] }
        return thresholds.map { threshold in
            let isViolated = threshold["violated"].bool == true
            return "- \(isViolated ? "**FAILED**" : "passed"): `\(threshold["expression"].string ?? "")` "
                + "(\(cell(threshold["value"], decimals: 3)))"
        } + [""]
    }

    private var settingsLine: String {
        let settings = json["settings"]
        let parts = [
            "\(settings["connections"].text) connections × depth \(settings["depth"].text)",
            settings["transport"].string ?? "",
            "\(Text.number(measuredSeconds, decimals: 1)) s",
            json["server"]["build"].string ?? "",
            json["run"]["build"].string ?? "",
            json["machine"]["processor"].string ?? "",
            "\(json["machine"]["processors"].text) processors",
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: " · ")
    }
}
