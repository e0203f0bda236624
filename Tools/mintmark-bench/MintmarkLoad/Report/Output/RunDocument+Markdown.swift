/// A saved run for people who read it on a page.
extension RunDocument {
    var markdown: String {
        var lines = ["## \(title)", ""]
        lines += [verdictLine, ""]
        lines += pointLines
        let titles = ["µs", "per second"] + percentiles.titles + ["max"]
        lines.append("| \(titles.joined(separator: " | ")) |")
        lines.append("|---|" + String(repeating: "--:|", count: titles.count - 1))
        for name in operationNames {
            lines.append(row(name, name, .response))
            guard isOpenLoop else { continue }
            lines.append(row("\(name), service", name, .service))
            lines.append(row("\(name), lag", name, .lag))
        }
        lines.append("")
        lines += spreadLines + badRunLines + errorLines + thresholdLines + [settingsLine] + serverLines
        return lines.joined(separator: "\n") + "\n"
    }

    /// What was measured, in a line.
    var title: String {
        let settings = json["settings"]
        // Of several rates the table tells.
        guard json["points"].isNull else { return "\(mode): \(settings["mix"].string ?? "")" }
        func perSecond(_ name: String) -> String? {
            settings[name].number.map { "\(Text.number($0, decimals: 0))/s" }
        }
        let top = (perSecond("ramp_to_per_second") ?? perSecond("spike_per_second")).map { " to \($0)" } ?? ""
        let rate = perSecond("rate_per_second").map { " \(top.isEmpty ? "at" : "from") \($0)\(top)" } ?? ""
        return "\(mode)\(rate): \(settings["mix"].string ?? "")"
    }

    /// Whether the figures count, in words.
    var verdictLine: String {
        var parts: [String] = []
        if json["interrupted"].bool == true { parts.append("**interrupted**") }
        let reasons = json["verdict"]["reasons"].values.compactMap(\.string)
        parts += reasons.map { "**INVALID**: \($0)" }
        parts += json["verdict"]["notes"].values.compactMap(\.string).map { "Note: \($0)" }
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

    private func row(_ name: String, _ operation: String, _ times: Metric.Times) -> String {
        let figures = shownFigures(times, of: operation).map { cell(.number($0), decimals: 1) }
        let first = times == .response ? cell(json["operations"][operation]["completed_per_second"]) : ""
        return "| \(([name, first] + figures).joined(separator: " | ")) |"
    }

    private func cell(_ value: JSONValue, decimals: Int = 0) -> String {
        value.number.map { Text.number($0, decimals: decimals) } ?? "n/a"
    }

    private var spreadLines: [String] {
        let spread = json["spread"].members
        guard !spread.isEmpty else { return [] }
        let head = [
            "| \(json["runs"].values.count) runs | median | least | greatest | variation |", "|---|--:|--:|--:|--:|",
        ]
        let rows = spread.map { name, figures in
            let cells = ["median", "min", "max"].map { cell(figures[$0], decimals: 1) }
            let variation = figures["variation"].number.map(Text.percent) ?? "n/a"
            return "| \(([spreadTitle(name, figures)] + cells + [variation]).joined(separator: " | ")) |"
        }
        return head + rows + [""]
    }

    private var badRunLines: [String] {
        badRuns.isEmpty ? [] : badRuns.map { "- **\($0)**" } + [""]
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
            serverTitle,
            generatorTitle,
            json["machine"]["processor"].string ?? "",
            "\(json["machine"]["processors"].text) processors",
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: " · ")
    }

    private var serverLines: [String] {
        serverSettings.isEmpty ? [] : ["", "Server: \(serverSettings.map { "`\($0)`" }.joined(separator: " "))"]
    }
}
