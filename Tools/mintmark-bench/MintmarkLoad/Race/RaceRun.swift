import Glibc

/// What came out of a race.
struct RaceReport: Sendable {
    /// How often a scenario was reached.
    struct Count: Hashable, Sendable {
        /// Rounds that were judged.
        var decided = 0
        /// Rounds in which the machine was too slow for a judgement, or nothing had changed yet that could be judged.
        var undecided = 0
    }

    var plan: RacePlan
    var address: ServerAddress
    var counts: [RaceScenario: Count] = [:]
    var seconds = 0.0
    var failure: RaceFailure?
    var isInterrupted = false

    var violation: RaceViolation? {
        if case .violation(let violation) = failure { return violation }
        return nil
    }

    /// Whether the race says something of every scenario.
    var verdict: Verdict {
        Verdict(
            reasons: plan.scenarios.filter { (counts[$0]?.decided ?? 0) == 0 }.map { scenario in
                "no round of \(scenario.rawValue) was judged; \(counts[scenario]?.undecided ?? 0) were undecided"
            }
        )
    }

    var exitStatus: CommandStatus {
        switch failure {
        case .violation: return .wrongAnswer
        case .stopped(let failure): return failure.exitStatus
        case nil where isInterrupted: return .aborted
        case nil: return verdict.isValid ? .passed : .invalid
        }
    }
}

/// A race from its first connection to its report.
struct RaceRun: Sendable {
    let address: ServerAddress
    let plan: RacePlan
    var progress = LoadProgress()

    /// - Parameter onTick: Told about once a second while it goes on.
    func run(onTick: (LoadProgress) -> Void = { _ in }) throws(LoadFailure) -> RaceReport {
        // Whoever cannot be reached is no race.
        _ = try SetupConnection(to: address)
        TimerSlack.remove()
        let minted = MintedTokens()
        let startedAt = MonotonicClock.now()
        var threads: [WorkerThread<RaceTally>] = []
        for number in 0..<plan.threads {
            threads.append(
                try WorkerThread { [plan, address, progress] in
                    RaceWorker.run(plan, address, number: number, minted: minted, progress: progress)
                }
            )
        }
        watch(threads, onTick)
        var report = RaceReport(plan: plan, address: address)
        for thread in threads {
            let tally = thread.join()
            for (scenario, count) in tally.counts {
                report.counts[scenario, default: .init()].decided += count.decided
                report.counts[scenario, default: .init()].undecided += count.undecided
            }
            report.failure = report.failure ?? tally.failure
        }
        report.seconds = Double(MonotonicClock.now() - startedAt) / 1e9
        report.isInterrupted = report.failure == nil && progress.isStopRequested
        return report
    }

    private func watch(_ threads: [WorkerThread<RaceTally>], _ onTick: (LoadProgress) -> Void) {
        var tickAt = MonotonicClock.now() + 1_000_000_000
        while threads.contains(where: { !$0.isFinished }) {
            usleep(20_000)
            if Interruption.isRequested { progress.requestStop() }
            guard MonotonicClock.now() >= tickAt else { continue }
            tickAt += 1_000_000_000
            onTick(progress)
        }
    }
}

/// What one thread of a race has done.
struct RaceTally: Sendable {
    var counts: [RaceScenario: RaceReport.Count] = [:]
    var failure: RaceFailure?
}
