/// The seconds of a saved run, for other tools.
extension RunDocument {
    /// Response times: for each second and operation a line, and one for each operation's whole run, with the tag
    /// `total-NAME`.
    func histogramLog() throws(LoadFailure) -> HistogramLog {
        var lines: [HistogramLog.Line] = []
        let intervals = json["intervals"].values
        for interval in intervals {
            for (name, value) in interval["histograms"].members {
                guard let histogram = try Self.decode(value) else { continue }
                lines.append(
                    HistogramLog.Line(
                        tag: name,
                        startSeconds: interval["second"].number ?? 0,
                        lengthSeconds: 1,
                        histogram: histogram
                    )
                )
            }
        }
        for name in operationNames {
            guard let histogram = try histogram(.response, of: name) else { continue }
            lines.append(
                HistogramLog.Line(
                    tag: "total-\(name)",
                    startSeconds: json["settings"]["warmup_seconds"].number ?? 0,
                    lengthSeconds: measuredSeconds,
                    histogram: histogram
                )
            )
        }
        return HistogramLog(startTime: json["run"]["started_at"].number, lines: lines)
    }

    /// Response times of the whole run, by percentile.
    ///
    /// - Parameter operation: Nil for all together.
    /// - Throws: `LoadFailure.usage` if there is no such operation, or nothing was answered.
    func percentileDistribution(of operation: String?) throws(LoadFailure) -> PercentileDistribution {
        if let operation, !operationNames.contains(operation) {
            throw .usage("there is no \(operation) in this run: \(operationNames.joined(separator: ", "))")
        }
        var sum = HistogramSnapshot(.runs)
        for name in operation.map({ [$0] }) ?? operationNames {
            if let histogram = try histogram(.response, of: name) { sum.add(histogram) }
        }
        guard !sum.isEmpty else { throw .usage("nothing was answered in this run") }
        return PercentileDistribution(histogram: sum)
    }

    private static let columns = [
        "second", "measured", "offered", "sent", "completed", "failed", "p50_us", "p99_us", "max_us", "lag_p99_us",
        "in_flight", "connections", "server_cores", "server_resident_bytes",
    ]

    /// The seconds as a table: comma-separated, with a line of names.
    var csv: String {
        var lines = [(Self.columns + operationNames.map { "completed_\($0)" }).joined(separator: ",")]
        for interval in json["intervals"].values {
            let cells =
                Self.columns.map { interval[$0] } + operationNames.map { interval["completed_by_operation"][$0] }
            lines.append(cells.map { $0.isNull ? "" : $0.text }.joined(separator: ","))
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
