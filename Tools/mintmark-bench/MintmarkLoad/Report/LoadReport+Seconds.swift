/// Single seconds.
extension LoadReport {
    /// Seconds whose histograms are written; of later ones there are figures only.
    static let histogramSecondsMax = 3_600

    func intervalJSON(_ slice: IntervalSlice) -> JSONValue {
        let response = slice.allResponse
        let sample = sample(ofSecond: slice.second)
        let operations = plan.mix.operations
        var members: [(name: String, value: JSONValue)] = [
            ("second", .integer(slice.second)),
            ("measured", .bool(Int64(slice.second) * IntervalRecorder.nanoseconds >= plan.warmupNanoseconds)),
            ("offered", .integer(plan.isOpenLoop ? slice.offered : nil)),
            ("sent", .integer(slice.sent)),
            ("completed", .integer(slice.completedCount)),
            ("completed_by_operation", .object(operations.map { ($0.name, .integer(slice.completed[$0.rawValue])) })),
            ("failed", .integer(slice.failed)),
            ("errors", .object(slice.errors.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) })),
            ("p50_us", Self.microseconds(response, 50)),
            ("p99_us", Self.microseconds(response, 99)),
            ("max_us", response.isEmpty ? .null : .number(Double(slice.responseNanosecondsMax) / 1_000)),
            ("lag_p99_us", Self.microseconds(slice.lag, 99)),
            ("in_flight", .integer(slice.inFlight)),
            ("connections", .integer(slice.connectionsOpen)),
            ("server_cores", .number(sample?.cores)),
            ("server_resident_bytes", .integer(sample?.residentBytes)),
        ]
        if slice.second < Self.histogramSecondsMax {
            let recorded = operations.filter { !slice.response[$0.rawValue].isEmpty }
            let histograms = recorded.map { operation -> (name: String, value: JSONValue) in
                (operation.name, .string(HistogramEncoding.encode(slice.response[operation.rawValue])))
            }
            members.append(("histograms", .object(histograms)))
        }
        return .object(members)
    }

    private static func microseconds(_ histogram: HistogramSnapshot, _ percentile: Double) -> JSONValue {
        guard histogram.count >= LatencyHistogram.samplesNeeded(forPercentile: percentile) else { return .null }
        return .number(histogram.value(atPercentile: percentile).map { Double($0) / 1_000 })
    }

    /// What the server used in one second.
    private func sample(ofSecond second: Int) -> (cores: Double, residentBytes: Int)? {
        guard server.samples.indices.contains(second) else { return nil }
        let sample = server.samples[second]
        guard let before = second > 0 ? server.samples[second - 1].usage : server.usageBefore else { return nil }
        let seconds = sample.seconds - (second > 0 ? server.samples[second - 1].seconds : 0)
        guard let shares = CoreShares(from: before, to: sample.usage, seconds: seconds) else { return nil }
        return (shares.used, sample.usage.residentBytes)
    }
}
