import Glibc

/// Saved runs as one page that is complete in itself: no script, no font, no picture from elsewhere.
struct HTMLReport {
    private let documents: [RunDocument]
    private let names: [String]
    private let charts: [Chart]

    /// - Throws: `LoadFailure.usage` if a histogram of a report cannot be read.
    init(_ documents: [RunDocument], names: [String]) throws(LoadFailure) {
        self.documents = documents
        self.names = names.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
        charts = try Self.charts(documents, self.names)
    }

    var text: String {
        let heading = documents.count == 1 ? documents[0].title : "\(documents.count) runs side by side"
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(HTML.escaped(heading))</title>
            <style>\(HTMLStyle.text)</style>
            </head>
            <body>
            <h1>\(HTML.escaped(heading))</h1>
            \(documents.indices.map(summary).joined(separator: "\n"))
            <div class="charts">
            \(charts.compactMap(\.html).joined(separator: "\n"))
            </div>
            </body>
            </html>

            """
    }

    // MARK: Tables

    private func summary(_ index: Int) -> String {
        let document = documents[index]
        let name = documents.count > 1 ? "<h2>\(HTML.escaped(names[index])): \(HTML.escaped(document.title))</h2>" : ""
        return """
            <section>
            \(name)
            \(points(document))\(verdict(document))
            <div class="scroll"><table>
            <tr><th>µs</th><th>per second</th>\(document.percentiles.titles.map { "<th>\($0)</th>" }.joined())<th>max</th></tr>
            \(document.operationNames.map { rows($0, document) }.joined(separator: "\n"))
            </table></div>
            \(spread(document))\(bad(document.badRuns))\(errors(document))\(thresholds(document))
            <p class="facts">\(facts(document))</p>
            \(serverSettings(document))
            </section>
            """
    }

    private func verdict(_ document: RunDocument) -> String {
        var reasons = document.json["verdict"]["reasons"].values.compactMap(\.string).map { "INVALID: \($0)" }
        if document.json["interrupted"].bool == true { reasons.append("interrupted") }
        if let expression = document.json["aborted_by"].string { reasons.append("aborted by \(expression)") }
        if let rate = document.json["sustainable_per_second"].number {
            let objective = document.json["slo"].string ?? ""
            let sustained = RateSeriesReport.sustained(
                rate,
                isLowerBound: document.json["sustainable_is_lower_bound"].bool == true,
                objective: objective
            )
            let notes = document.json["verdict"]["notes"].values.compactMap(\.string)
            return "<p class=\"good\">\(HTML.escaped(sustained))</p>" + bad(reasons)
                + notes.map { "<p>\(HTML.escaped("Note: \($0)"))</p>" }.joined()
        }
        return reasons.isEmpty ? "<p class=\"good\">The generator kept up.</p>" : bad(reasons)
    }

    private func bad(_ reasons: [String]) -> String {
        reasons.map { "<p class=\"bad\">\(HTML.escaped($0))</p>" }.joined()
    }

    private func rows(_ name: String, _ document: RunDocument) -> String {
        let operation = document.json["operations"][name]
        let rate = operation["completed_per_second"]
        var rows = [row(name, rate, document.shownFigures(.response, of: name))]
        if document.isOpenLoop {
            rows.append(row("service", .null, document.shownFigures(.service, of: name), "part"))
            rows.append(row("lag", .null, document.shownFigures(.lag, of: name), "part"))
        }
        for (step, times) in operation["steps"].members {
            rows.append(row(String(step.dropLast(3)), .null, document.shownFigures(times), "part"))
        }
        return rows.joined(separator: "\n")
    }

    private func row(_ name: String, _ rate: JSONValue, _ figures: [Double?], _ style: String = "whole") -> String {
        let rateCell = rate.number.map { Text.number($0, decimals: 0) } ?? ""
        let cells = figures.map { value in
            "<td>\(value.map { Text.number($0, decimals: 1) } ?? "n/a")</td>"
        }
        return "<tr class=\"\(style)\"><th>\(HTML.escaped(name))</th><td>\(rateCell)</td>\(cells.joined())</tr>"
    }

    /// The rates that were tried, one behind the other.
    private func points(_ document: RunDocument) -> String {
        let points = document.json["points"].values
        guard !points.isEmpty else { return "" }
        let rows = points.map { point in
            let cells = ["rate_per_second", "completed_per_second", "p50_us", "p99_us"].map {
                cell(point[$0].number, 0)
            }
            let finding = HTML.escaped(point["finding"].string ?? "")
            let style = point["passed"].bool == false ? "bad" : "good"
            return "<tr class=\"whole\">\(cells.joined())<td class=\"words \(style)\">\(finding)</td></tr>"
        }
        let rate = document.json["settings"]["rate_per_second"].number.map { Text.number($0, decimals: 0) } ?? "?"
        return table(["due/s", "answered/s", "p50 µs", "p99 µs", ""], rows) + "<h2>The run at \(rate)/s</h2>"
    }

    /// What several runs came to.
    private func spread(_ document: RunDocument) -> String {
        let spread = document.json["spread"].members
        guard !spread.isEmpty else { return "" }
        let rows = spread.map { name, figures in
            let cells = ["median", "min", "max"].map { cell(figures[$0].number, 1) }.joined()
            let variation = figures["variation"].number.map(Text.percent) ?? "n/a"
            let title = HTML.escaped(document.spreadTitle(name, figures))
            return "<tr class=\"whole\"><th>\(title)</th>\(cells)<td>\(variation)</td></tr>"
        }
        let count = document.json["runs"].values.count
        return table(["\(count) runs", "median", "least", "greatest", "variation"], rows)
    }

    private func table(_ titles: [String], _ rows: [String]) -> String {
        let head = titles.map { "<th>\($0)</th>" }.joined()
        return "<div class=\"scroll\"><table><tr>\(head)</tr>\(rows.joined(separator: "\n"))</table></div>"
    }

    private func cell(_ value: Double?, _ decimals: Int) -> String {
        "<td>\(value.map { Text.number($0, decimals: decimals) } ?? "n/a")</td>"
    }

    private func errors(_ document: RunDocument) -> String {
        let errors = document.json["errors"].members.map { name, count in
            let example = document.json["error_details"][name]["first_example"].string ?? ""
            return "<li><b>\(HTML.escaped(name))</b> × \(count.text): \(HTML.escaped(example))</li>"
        }
        return errors.isEmpty ? "<p>No errors.</p>" : "<ul class=\"errors\">\(errors.joined())</ul>"
    }

    private func thresholds(_ document: RunDocument) -> String {
        document.json["thresholds"].values.map { threshold in
            let isViolated = threshold["violated"].bool == true
            return "<p class=\"\(isViolated ? "bad" : "good")\">\(HTML.escaped(threshold["expression"].string ?? "")): "
                + "\(isViolated ? "FAILED" : "passed")</p>"
        }.joined()
    }

    private func facts(_ document: RunDocument) -> String {
        let json = document.json
        var parts = [
            "\(json["settings"]["connections"].text) connections × depth \(json["settings"]["depth"].text) over "
                + (json["settings"]["transport"].string ?? "?"),
            "\(Text.number(document.measuredSeconds, decimals: 1)) s measured",
        ]
        if let time = json["server"]["cpu_us_per_operation"].number {
            parts.append("server: \(Text.number(time, decimals: 1)) µs of processor per request")
        }
        if let share = json["generator"]["core_share_max"].number {
            parts.append("generator: \(Text.percent(share)) of a core")
        }
        parts += [document.serverTitle, document.generatorTitle]
        if let processor = json["machine"]["processor"].string {
            parts.append("\(json["machine"]["processors"].text) × \(processor)")
        }
        return parts.map(HTML.escaped).joined(separator: " · ")
    }

    /// What the server ran with.
    private func serverSettings(_ document: RunDocument) -> String {
        guard !document.serverSettings.isEmpty else { return "" }
        let settings = document.serverSettings.map { "<code>\(HTML.escaped($0))</code>" }.joined(separator: " ")
        return "<p class=\"facts\">server: \(settings)</p>"
    }
}
