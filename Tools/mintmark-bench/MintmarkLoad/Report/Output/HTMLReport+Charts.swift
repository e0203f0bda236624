import Glibc

/// The plots of a page.
extension HTMLReport {
    static func charts(_ documents: [RunDocument], _ names: [String]) throws(LoadFailure) -> [Chart] {
        var charts: [Chart] = []
        charts += searchCharts(documents, names)
        charts.append(try percentileChart(documents, names))
        charts.append(rateChart(documents, names))
        charts.append(latencyChart(documents, names))
        return charts
    }

    /// What a series is called, where there are several runs.
    private static func name(_ text: String, _ index: Int, _ names: [String]) -> String {
        names.count > 1 ? "\(names[index]): \(text)" : text
    }

    private static func percentileChart(_ documents: [RunDocument], _ names: [String]) throws(LoadFailure) -> Chart {
        var series: [Chart.Series] = []
        for (index, document) in documents.enumerated() {
            for operation in document.operationNames {
                let color = series.count
                for times in document.isOpenLoop && documents.count == 1
                    ? [Metric.Times.response, .service] : [.response]
                {
                    guard let histogram = try document.histogram(times, of: operation), !histogram.isEmpty else {
                        continue
                    }
                    series.append(
                        Chart.Series(
                            name: name("\(operation), \(times.rawValue) time", index, names),
                            points: percentilePoints(histogram),
                            color: color,
                            isDashed: times == .service
                        )
                    )
                }
            }
        }
        let farthest = series.flatMap(\.points).map(\.x).max() ?? 0
        let ticks = [(0.0, "0 %"), (1, "90 %"), (2, "99 %"), (3, "99.9 %"), (4, "99.99 %"), (5, "99.999 %")]
        return Chart(
            title: "Latency by percentile",
            xTitle: "share of requests that took at most so long",
            yTitle: "µs",
            yKind: .logarithmic,
            xTicks: ticks.filter { $0.0 <= max(1, farthest.rounded(.up)) }.map { (value: $0.0, text: $0.1) },
            series: series
        )
    }

    /// Ever closer to one: ten steps for each nine, as far as there are samples.
    private static func percentilePoints(_ histogram: HistogramSnapshot) -> [(x: Double, y: Double)] {
        let last = log10(Double(max(histogram.count, 20)) / 10)
        let places = stride(from: 0.0, through: last, by: 0.1).map { $0 }
        let percentiles = places.map { 100 * (1 - pow(10, -$0)) }
        guard let values = histogram.values(atPercentiles: percentiles) else { return [] }
        return zip(places, values).map { ($0, Double($1) / 1_000) }
    }

    private static func points(_ document: RunDocument, _ member: String) -> [(x: Double, y: Double)] {
        // The last second is not whole.
        document.json["intervals"].values.dropLast().compactMap { interval in
            guard let second = interval["second"].number, let value = interval[member].number else { return nil }
            return (second, value)
        }
    }

    private static func rateChart(_ documents: [RunDocument], _ names: [String]) -> Chart {
        var series: [Chart.Series] = []
        for (index, document) in documents.enumerated() {
            if document.isOpenLoop {
                let offered = points(document, "offered")
                series.append(.init(name: name("due", index, names), points: offered, color: index, isDashed: true))
            }
            series.append(
                .init(name: name("answered", index, names), points: points(document, "completed"), color: index)
            )
            let failed = points(document, "failed")
            guard documents.count == 1, failed.contains(where: { $0.y > 0 }) else { continue }
            series.append(.init(name: name("failed", index, names), points: failed, color: 3))
        }
        return Chart(title: "Requests over time", xTitle: "seconds", yTitle: "requests/s", series: series)
    }

    private static func latencyChart(_ documents: [RunDocument], _ names: [String]) -> Chart {
        let figures = documents.count > 1 ? ["p99_us"] : ["p50_us", "p99_us", "max_us"]
        var series: [Chart.Series] = []
        for (index, document) in documents.enumerated() {
            for figure in figures {
                let label = String(figure.dropLast(3))
                series.append(
                    .init(name: name(label, index, names), points: points(document, figure), color: series.count)
                )
            }
        }
        return Chart(
            title: "Latency over time",
            xTitle: "seconds",
            yTitle: "µs",
            yKind: .logarithmic,
            series: series
        )
    }

    private static func searchCharts(_ documents: [RunDocument], _ names: [String]) -> [Chart] {
        var series: [Chart.Series] = []
        for (index, document) in documents.enumerated() {
            let points = document.json["points"].values.filter { $0["rate_per_second"].number != nil }
                .sorted { ($0["rate_per_second"].number ?? 0) < ($1["rate_per_second"].number ?? 0) }
            for figure in points.isEmpty ? [] : ["p50_us", "p99_us"] {
                let places = points.compactMap { point -> (x: Double, y: Double)? in
                    guard let rate = point["rate_per_second"].number, let value = point[figure].number else {
                        return nil
                    }
                    return (rate, value)
                }
                series.append(
                    .init(
                        name: name(String(figure.dropLast(3)), index, names),
                        points: places,
                        color: series.count,
                        hasMarks: true
                    )
                )
            }
        }
        guard !series.isEmpty else { return [] }
        return [
            Chart(
                title: "Latency by rate",
                xTitle: "requests/s offered",
                yTitle: "µs",
                yKind: .logarithmic,
                limits: documents.compactMap { document in
                    document.json["slo_us"].number.map { (value: $0, text: document.json["slo"].string ?? "") }
                },
                series: series
            )
        ]
    }
}
