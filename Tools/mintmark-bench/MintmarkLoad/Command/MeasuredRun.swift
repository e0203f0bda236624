/// One run of a command: measured, watched, judged and reported.
struct MeasuredRun {
    let plan: LoadPlan
    let options: LoadOptions
    let server: ServerOptions
    let gates: GateOptions
    let report: ReportOptions

    func complete() throws(LoadFailure) -> Completion {
        let gate = try gates.gate(plan)
        let abortWatch = try gates.abortWatch(plan)
        try report.check()
        var prepared = try PreparedLoad(address: try server.address(), plan: plan, processID: server.serverPid)
        var (result, failure) = try measure(&prepared, gate, abortWatch)
        result.context.profile = options.profile?.rawValue
        let text = [options.expansion, result.text].compactMap(\.self).joined(separator: "\n")
        return Completion(result.exitStatus, text: text, json: result.json, jsonPath: report.json)
            .adding(failure)
    }

    /// Measures once, and holds what came out against the thresholds.
    private func measure(
        _ prepared: inout PreparedLoad,
        _ gate: Gate,
        _ abortWatch: AbortWatch
    ) throws(LoadFailure) -> (LoadReport, LoadFailure?) {
        let progress = LoadProgress()
        var abortWatch = abortWatch
        var abortedBy: Threshold?
        var line = ProgressLine()
        var result = try prepared.measure(plan, progress: progress) { watch in
            line.showRun(watch)
            guard abortedBy == nil, let found = abortWatch.look(progress.intervals, watch.samples) else { return }
            abortedBy = found
            progress.requestStop()
        }
        line.clear()
        result.abortedBy = abortedBy
        do throws(LoadFailure) {
            result.gates = try gate.judge(try RunDocument(result.json))
            return (result, nil)
        } catch {
            // What was not measured is no pass; but a run that is not whole has said so already.
            let isWhole = ![.wrongAnswer, .aborted].contains(result.exitStatus)
            return (result, isWhole ? error : nil)
        }
    }
}

extension Completion {
    /// The same end, and why it is no good one, if there is a reason.
    func adding(_ failure: LoadFailure?) -> Completion {
        guard let failure else { return self }
        var result = self
        result.exitStatus = failure.exitStatus
        result.errorOutput += "mintmark-bench: \(failure.message)\n"
        return result
    }
}
