/// The report for people.
extension LoadReport {
    var text: String {
        var lines = [heading, ""]
        lines += tableLines
        lines.append("")
        lines += errorLines
        lines.append("generator   \(threadShares.map(Text.percent).joined(separator: ", ")) of a core by thread")
        lines += serverLines
        if let abortedBy {
            lines.append("aborted     \(abortedBy)")
        } else if isInterrupted {
            lines.append("interrupted: the figures are of what was done until then")
        }
        if let sessionsNeeded { lines.append("hint        this load needs about --sessions \(sessionsNeeded)") }
        lines += gates.map(\.text)
        lines += verdict.reasons.map { "INVALID     \($0)" }
        return lines.joined(separator: "\n")
    }

    private var heading: String {
        let load =
            "\(plan.connections) connections × depth \(plan.depth), \(plan.threads) thread\(plan.threads == 1 ? "" : "s")"
        let seconds = Text.number(measuredSeconds, decimals: 1)
        switch plan.pace {
        case .closedLoop:
            return "peak: \(load), \(seconds) s, closed loop (throughput; not a latency test)"
        case .openLoop(let arrival, let ratePerSecond):
            let rate = Text.number(ratePerSecond, decimals: 0)
            let offered = Text.number(Double(tally.offered) / max(measuredSeconds, 1e-9), decimals: 0)
            return "run: \(rate)/s \(arrival.rawValue), offered \(offered)/s, \(load), \(seconds) s"
        }
    }

    private static let percentiles = [50, 90, 99, 99.9, 99.99]

    private var tableLines: [String] {
        var lines = [
            row(
                "µs",
                ["per second"] + Self.percentiles.map { "p\($0 == $0.rounded() ? "\(Int($0))" : "\($0)")" } + ["max"]
            )
        ]
        for operation in plan.mix.operations {
            let operationTally = tally.operations[operation.rawValue]
            let tally = operation == .hostile ? operationTally.refused : operationTally.accepted
            let rate = Text.number(completedPerSecond(operation), decimals: 0)
            lines.append(row(operation.name, [rate] + cells(tally.response)))
            guard plan.isOpenLoop else { continue }
            lines.append(row("  service", [""] + cells(tally.service)))
            lines.append(row("  lag", [""] + cells(tally.lag)))
        }
        if lines.contains(where: { $0.contains("n/a (") }) {
            lines.append("n/a (N): that percentile needs N samples to say something")
        }
        return lines
    }

    private func cells(_ histogram: LatencyHistogram) -> [String] {
        let percentiles = Self.percentiles.map { percentile in
            let needed = LatencyHistogram.samplesNeeded(forPercentile: percentile)
            guard histogram.count >= needed, let value = histogram.microseconds(atPercentile: percentile) else {
                return "n/a (\(needed))"
            }
            return Text.number(value, decimals: 1)
        }
        return percentiles + [histogram.maxMicroseconds.map { Text.number($0, decimals: 1) } ?? "n/a"]
    }

    private func row(_ name: String, _ cells: [String]) -> String {
        name + String(repeating: " ", count: max(0, 10 - name.count))
            + cells.map { Text.padded($0, to: 12) }.joined()
    }

    private var errorLines: [String] {
        guard tally.errors.count > 0 else { return ["errors      none"] }
        return tally.errors.sorted.map { error, entry in
            "\(error.isWrongAnswer ? "WRONG" : "error")       \(error.name) × \(entry.count): \(entry.firstExample)"
        }
    }

    private var serverLines: [String] {
        var parts: [String] = []
        if let serverCoresUsed, let allowed = server.processorsAllowed {
            parts.append("\(Text.number(serverCoresUsed, decimals: 2)) of \(allowed) cores")
        }
        if let after = server.usageAfter {
            parts.append("\(Text.number(Double(after.residentBytes) / 1_048_576, decimals: 0)) MiB resident")
        }
        for counter in ["verify_cache_hits", "verify_cache_misses"] {
            if let growth = growth(of: counter) { parts.append("\(counter) +\(growth)") }
        }
        return parts.isEmpty ? [] : ["server      " + parts.joined(separator: ", ")]
    }
}
