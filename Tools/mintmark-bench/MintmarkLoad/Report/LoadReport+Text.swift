/// The report for people.
extension LoadReport {
    var text: String {
        var lines = [heading, ""]
        lines += tableLines
        lines.append("")
        lines += errorLines
        if let skew = tally.skew { lines.append("keys        \(skew.text)") }
        if let sizes = server.tokenSizes { lines.append("tokens      \(sizes.text)") }
        let work = plan.spins ? "; at work \(Self.percents(workShares))" : ""
        lines.append("generator   \(Self.percents(threadShares)) of a core by thread\(work)")
        lines += serverLines
        if let abortedBy {
            lines.append("aborted     \(abortedBy)")
        } else if isInterrupted {
            lines.append("interrupted: the figures are of what was done until then")
        }
        if plan.mix.hasSignatures { lines.append("ceiling     \(SignatureCeiling.ofThisMachine.text)") }
        if let placementHint { lines.append("hint        \(placementHint)") }
        if let sessionsNeeded { lines.append("hint        this load needs about --sessions \(sessionsNeeded)") }
        lines += verdict.reasons.map { "INVALID     \($0)" }
        lines += verdict.notes.map { "note        \($0)" }
        return lines.joined(separator: "\n")
    }

    /// As many as a line has room for, or the least and the greatest of more.
    private static func percents(_ shares: [Double]) -> String {
        guard shares.count > 4, let least = shares.min(), let greatest = shares.max() else {
            return shares.map(Text.percent).joined(separator: ", ")
        }
        return "\(Text.percent(least)) to \(Text.percent(greatest))"
    }

    private var heading: String {
        let load =
            "\(plan.connections) connections × depth \(plan.depth), \(plan.threads) thread\(plan.threads == 1 ? "" : "s")"
        let seconds = Text.number(measuredSeconds, decimals: 1)
        if plan.mix.contains(.handshake) { return handshakeHeading(seconds) }
        switch plan.pace {
        case .closedLoop:
            return "peak: \(load), \(seconds) s, closed loop (throughput; not a latency test)"
        case .openLoop(let arrival, let ratePerSecond):
            let rate = Text.number(ratePerSecond, decimals: 0)
            let offered = Text.number(Double(tally.offered) / max(measuredSeconds, 1e-9), decimals: 0)
            return
                "\(plan.modeName): \(rate)/s\(shape) \(arrival.rawValue), offered \(offered)/s, \(load), \(seconds) s"
        }
    }

    /// How the rate changes, in words.
    private var shape: String {
        if let end = plan.rampToPerSecond { return " to \(Text.number(end, decimals: 0))/s" }
        guard let spike = plan.spike else { return "" }
        let (start, length) = (Double(spike.startNanoseconds) / 1e9, Double(spike.nanoseconds) / 1e9)
        return ", \(Text.number(spike.perSecond, decimals: 0))/s from \(Text.number(start, decimals: 1)) s on for "
            + "\(Text.number(length, decimals: 1)) s,"
    }

    private func handshakeHeading(_ seconds: String) -> String {
        let load = "\(plan.threads) at once over \(address.transport), \(seconds) s"
        guard case .openLoop(let arrival, let ratePerSecond) = plan.pace else {
            return "handshake: \(load), closed loop (throughput; not a latency test)"
        }
        return "handshake: \(Text.number(ratePerSecond, decimals: 0))/s \(arrival.rawValue), \(load)"
    }

    private var tableLines: [String] {
        var lines = [
            row(
                "µs",
                ["per second"] + percentiles.titles + ["max"]
            )
        ]
        for operation in plan.mix.operations {
            let operationTally = tally.operations[operation.rawValue]
            let tally = operation == .hostile ? operationTally.refused : operationTally.accepted
            let rate = Text.number(completedPerSecond(operation), decimals: 0)
            lines.append(row(operation.name, [rate] + cells(tally.response)))
            if plan.isOpenLoop {
                lines.append(row("  service", [""] + cells(tally.service)))
                lines.append(row("  lag", [""] + cells(tally.lag)))
            }
            if operation == .handshake { lines += stepLines }
        }
        if tally.reconnects.count > 0 {
            lines.append(row("reconnect", [reconnectRate] + cells(tally.reconnects)))
        }
        if lines.contains(where: { $0.contains("n/a (") }) {
            lines.append("n/a (N): that percentile needs N samples to say something")
        }
        return lines
    }

    private var stepLines: [String] {
        HandshakeStep.allCases.filter { tally.handshakeSteps[$0.rawValue].count > 0 }.map { step in
            row("  \(step.name)", [""] + cells(tally.handshakeSteps[step.rawValue]))
        }
    }

    private var reconnectRate: String {
        Text.number(Double(tally.reconnects.count) / max(measuredSeconds, 1e-9), decimals: 0)
    }

    private func cells(_ histogram: LatencyHistogram) -> [String] {
        let cells = percentiles.values.map { percentile in
            let needed = LatencyHistogram.samplesNeeded(forPercentile: percentile)
            guard histogram.count >= needed, let value = histogram.microseconds(atPercentile: percentile) else {
                return "n/a (\(needed))"
            }
            return Text.number(value, decimals: 1)
        }
        return cells + [histogram.maxMicroseconds.map { Text.number($0, decimals: 1) } ?? "n/a"]
    }

    private func row(_ name: String, _ cells: [String]) -> String {
        name + String(repeating: " ", count: max(0, 10 - name.count))
            + cells.map { Text.padded($0, to: 14) }.joined()
    }

    /// What to do where generator and server stand in each other's way.
    private var placementHint: String? {
        guard let allowed = server.processorsAllowed, let own = context.machine.processorsAllowed else { return nil }
        // Threads that wait cost nothing; those of a closed loop, of a spinning generator and of signatures do not.
        guard plan.threads + allowed > context.machine.processors, allowed + own > context.machine.processors else {
            return nil
        }
        return
            "generator and server share \(context.machine.processors) processors: --pin-client and --pin-server keep "
            + "them apart"
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
        if let time = serverMicrosecondsPerOperation {
            parts.append("\(Text.number(time, decimals: 1)) µs of processor for a request")
        }
        if let hits = growth(of: "verify_cache_hits"), let misses = growth(of: "verify_cache_misses"), hits + misses > 0
        {
            let share = Text.percent(Double(hits) / Double(hits + misses))
            parts.append("\(share) of the tokens were in its cache")
        }
        let figures = parts.isEmpty ? [] : ["server      " + parts.joined(separator: ", ")]
        return figures + [unknownUsage].compactMap(\.self) + ["software    \(server.software.text)"]
    }

    /// Why what the server takes is not told, and what brings it; nil where it is.
    private var unknownUsage: String? {
        guard server.usageBefore == nil || server.usageAfter == nil else { return nil }
        guard let process = server.process else {
            return "server      processors and memory are not known: --server-pid names its process, --unix finds it"
        }
        return "server      processors and memory are not known: process \(process.processID) is not to be seen here"
    }
}
