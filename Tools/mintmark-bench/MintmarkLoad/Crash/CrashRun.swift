import Glibc

/// A crash test from its first start to its report.
///
/// Confined to the thread that runs it; the load comes from threads of its own.
struct CrashRun<Target: CrashTarget> {
    private let plan: CrashPlan
    private let target: Target
    private let ledger: CrashLedger
    private let minted = MintedTokens()
    private let onKill: (CrashReport) -> Void
    private var random: SeededRandom
    private var clock = CrashClock()
    private var workers: [CrashWorker]
    private var report: CrashReport

    /// - Parameters:
    ///   - ledgerPath: A file that does not exist.
    ///   - onKill: Told behind each kill.
    init(
        plan: CrashPlan,
        target: Target,
        ledgerPath: String,
        onKill: @escaping (CrashReport) -> Void = { _ in }
    ) throws(LoadFailure) {
        self.plan = plan
        self.target = target
        self.onKill = onKill
        ledger = try CrashLedger(path: ledgerPath)
        random = SeededRandom(seed: plan.seed, purpose: 1 << 32)
        workers = (0..<plan.threads).map { CrashWorker(plan, number: $0) }
        report = CrashReport(plan: plan, ledgerPath: ledgerPath)
    }

    /// - Throws: Why the daemon did not even start for the first time.
    mutating func run() throws(LoadFailure) -> CrashReport {
        let startedAt = MonotonicClock.now()
        var address = try target.start()
        TimerSlack.remove()
        do throws(CrashFailure) {
            while !isDone, !Interruption.isRequested {
                try live(at: address)
                address = try comeBack()
            }
            try finish(at: address)
        } catch {
            if !Interruption.isRequested { note(error) }
        }
        report.isInterrupted = Interruption.isRequested && report.failure == nil
        target.kill()
        report.tally = workers.reduce(into: CrashTally()) { $0 += $1.tally }
        report.seconds = Double(MonotonicClock.now() - startedAt) / 1e9
        return report
    }

    private var isDone: Bool {
        let fewest = SnapshotStep.allCases.map { report.hits[$0, default: 0] }.min() ?? 0
        if report.kills.count >= plan.rounds, fewest >= plan.stepHitsRequired { return true }
        return report.kills.count >= max(plan.rounds, plan.stepHitsRequired > 0 ? plan.roundsMax : 0)
    }

    /// One life of the daemon, from when it is ready to its kill.
    private mutating func live(at address: ServerAddress) throws(CrashFailure) {
        let filesAtStart = try files()
        let round = makeRound(address, isLoaded: true, isFinal: false)
        let threads = try start(round)
        let moment = KillMoment(
            number: report.kills.count,
            hits: report.hits,
            snapshotInterval: plan.snapshotInterval,
            random: &random
        )
        wait(for: threads) { round.progress.acknowledged >= plan.acknowledgementsMin && isChecked(round) }
        wait(for: moment, threads)
        guard !threads.contains(where: \.isFinished), !Interruption.isRequested else {
            round.progress.requestStop()
            try join(threads)
            throw .stopped(.aborted("the daemon went away by itself"))
        }
        let killedAt = MonotonicClock.now()
        target.kill()
        report.killedAt = (killedAt, MonotonicClock.now())
        try join(threads)
        try take(moment, round, filesAtStart)
    }

    private func isChecked(_ round: CrashRound) -> Bool { round.progress.checked == plan.threads }

    /// Says what the kill has hit.
    private mutating func take(
        _ moment: KillMoment,
        _ round: CrashRound,
        _ filesAtStart: StoreListing
    ) throws(CrashFailure) {
        let files = try files()
        let step = SnapshotStep(files, atStart: filesAtStart)
        report.hits[step, default: 0] += 1
        let kill = CrashReport.Kill(
            round: round.number,
            step: step,
            aimedAt: moment.step,
            acknowledged: round.progress.acknowledged,
            snapshotBytes: files.newSnapshot?.byteCount
        )
        report.kills.append(kill)
        try stopping { () throws(LoadFailure) in
            try ledger.append([CrashLedgerLine.event("KILLED \(step.rawValue)", round: round.number)])
        }
        onKill(report)
    }

    private func files() throws(CrashFailure) -> StoreListing {
        do throws(SystemFault) {
            return try StoreListing(directory: target.directory)
        } catch {
            throw .stopped(.failed("\(target.directory) cannot be read: \(error)"))
        }
    }

    /// Starts the daemon behind a kill, or behind a stop.
    private mutating func comeBack() throws(CrashFailure) -> ServerAddress {
        pause(plan.stopNanoseconds(round: report.kills.count - 1))
        let startedAt = MonotonicClock.now()
        let address: ServerAddress
        do throws(LoadFailure) {
            address = try target.start()
        } catch {
            throw .finding(CrashFinding(.refusedStart, expected: "it is ready", answered: error.message))
        }
        clock.wasDown(
            killedAt: report.killedAt.before,
            goneAt: report.killedAt.after,
            startedAt: startedAt,
            readyAt: MonotonicClock.now()
        )
        if plan.durability.promise == .revocations {
            for index in workers.indices { workers[index].loosen() }
        }
        try stopping { () throws(LoadFailure) in
            try ledger.append([CrashLedgerLine.event("READY", round: report.kills.count)])
        }
        return address
    }

    /// Checks everything twice: as the last kill left it, and as a clean stop leaves it.
    private mutating func finish(at address: ServerAddress) throws(CrashFailure) {
        guard !Interruption.isRequested else { return }
        try join(try start(makeRound(address, isLoaded: false, isFinal: true)))
        let stoppedAt = MonotonicClock.now()
        let exitCode = target.stop()
        report.killedAt = (stoppedAt, MonotonicClock.now())
        guard exitCode == 0 else {
            let answered = exitCode.map { "exit code \($0)" } ?? "no end, or one by a signal"
            throw .finding(CrashFinding(.unexpectedAnswer, expected: "exit code 0 at SIGTERM", answered: answered))
        }
        try stopping { () throws(LoadFailure) in
            try ledger.append([CrashLedgerLine.event("STOPPED", round: report.kills.count)])
        }
        let address = try comeBack()
        try join(try start(makeRound(address, isLoaded: false, isFinal: true)))
        _ = target.stop()
    }

    private mutating func note(_ failure: CrashFailure) {
        report.failure = failure
        report.daemonLog = target.lastWords
        guard case .finding(let finding) = failure, let bytes = try? FileBytes.read(ledger.path) else { return }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        report.history = CrashHistory.lines(of: finding, in: lines)
    }
}

/// Threads.
extension CrashRun {
    fileprivate typealias Outcome = (worker: CrashWorker, failure: CrashFailure?)

    private func makeRound(_ address: ServerAddress, isLoaded: Bool, isFinal: Bool) -> CrashRound {
        CrashRound(
            number: report.kills.count,
            address: address,
            plan: plan,
            clock: clock,
            ledger: ledger,
            minted: minted,
            isLoaded: isLoaded,
            isFinal: isFinal
        )
    }

    private func start(_ round: CrashRound) throws(CrashFailure) -> [WorkerThread<CrashThreadResult>] {
        var threads: [WorkerThread<CrashThreadResult>] = []
        for worker in workers {
            threads.append(
                try stopping { () throws(LoadFailure) in
                    try WorkerThread { CrashThreadResult(worker, round) }
                }
            )
        }
        return threads
    }

    /// Takes the workers back. A finding wins over whatever else has ended a thread.
    private mutating func join(_ threads: [WorkerThread<CrashThreadResult>]) throws(CrashFailure) {
        let results = threads.map { $0.join() }
        workers = results.map(\.worker)
        let failures = results.compactMap(\.failure)
        let finding = failures.first { failure in
            if case .finding = failure { true } else { false }
        }
        if let failure = finding ?? failures.first { throw failure }
    }

    /// Waits until something is so, or a thread has ended, or somebody interrupts.
    private func wait(for threads: [WorkerThread<CrashThreadResult>], until isSo: () -> Bool) {
        while !isSo(), !threads.contains(where: \.isFinished), !Interruption.isRequested {
            usleep(500)
        }
    }

    private func wait(for moment: KillMoment, _ threads: [WorkerThread<CrashThreadResult>]) {
        let deadline = MonotonicClock.now() + moment.patienceNanoseconds
        if let step = moment.step, let watch = try? DirectoryWatch(target.directory) {
            while MonotonicClock.now() < deadline, !threads.contains(where: \.isFinished), !Interruption.isRequested {
                let rest = min(100_000_000, deadline - MonotonicClock.now())
                if watch.changes(nanosecondsMax: rest).contains(where: { step.begins(with: $0) }) { break }
            }
        }
        pause(moment.delayNanoseconds)
    }

    private func pause(_ nanoseconds: Int64) {
        guard nanoseconds > 0 else { return }
        var pause = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        nanosleep(&pause, nil)
    }
}

/// A worker behind a round, and why it ended before its time.
private struct CrashThreadResult: Sendable {
    var worker: CrashWorker
    var failure: CrashFailure?

    /// Runs the round.
    init(_ worker: CrashWorker, _ round: CrashRound) {
        self.worker = worker
        do throws(CrashFailure) {
            try self.worker.run(round)
        } catch {
            failure = error
            // One finding is enough, and the others would only bury it.
            round.progress.requestStop()
        }
    }
}
