import Glibc
import MintmarkWire

/// A run from its first connection to its report.
struct LoadRun: Sendable {
    let address: ServerAddress
    let plan: LoadPlan
    /// The server's process, if it was named.
    var processID: Int32?
    /// Shared with whoever wants to stop the run.
    var progress = LoadProgress()

    /// - Parameter onTick: Told about once a second while it goes on.
    func run(onTick: (LoadProgress) -> Void = { _ in }) throws(LoadFailure) -> LoadReport {
        let control = try SetupConnection(to: address)
        try checkLimits(of: control.hello)
        let workload = try WorkloadBuilder(connection: control, plan: plan).build()
        let streams = try connect()
        let before = try control.ask(StatsRequest())
        let process = (processID ?? control.peerProcessID).map { ServerProcess(processID: $0) }
        let usageBefore = process?.usage()

        let startedAt = MonotonicClock.now()
        // Threads need a moment to be there all at once.
        let times = RunTimes(start: startedAt + 5_000_000, plan: plan)
        let answerBytesMax = Int(control.hello.frameLengthLimit)
        let results = try runThreads(workload, streams, times, answerBytesMax: answerBytesMax, onTick)
        let usageAfter = process?.usage()

        var tally = Tally()
        for result in results {
            tally.add(result.tally)
        }
        let wallNanoseconds = results.map(\.wallNanoseconds).max() ?? 0
        // A server that hangs has had its time.
        control.limitWaiting(nanoseconds: plan.drainNanoseconds)
        let after = try? control.ask(StatsRequest())
        return LoadReport(
            plan: plan,
            address: address,
            tally: tally,
            measuredSeconds: measuredSeconds(results.map(\.endedAt).max() ?? 0, times, tally),
            threadShares: results.map { Double($0.processorNanoseconds) / Double(max(1, $0.wallNanoseconds)) },
            servingSeconds: Double(max(wallNanoseconds, tally.lastAnswerAt - times.start)) / 1e9,
            server: LoadReport.ServerView(
                build: before.serverBuild,
                statsBefore: before.counters,
                statsAfter: after?.counters,
                process: process,
                usageBefore: usageBefore,
                usageAfter: usageAfter,
                processorsAllowed: process?.processorsAllowed
            ),
            isInterrupted: progress.isStopRequested
        )
    }

    /// How long was measured: as planned, or less where there was nothing more to send.
    ///
    /// A server that says nothing any more does not make it less: it has answered so few requests in all that time.
    private func measuredSeconds(_ endedAt: Int64, _ times: RunTimes, _ tally: Tally) -> Double {
        let isShort = endedAt < times.end
        let end = isShort ? min(times.end, max(tally.lastAnswerAt, times.measuredFrom)) : times.end
        return Double(end - times.measuredFrom) / 1e9
    }

    private func checkLimits(of hello: HelloResponse) throws(LoadFailure) {
        guard plan.depth <= Int(hello.inFlightLimit) else {
            throw .usage("the server takes a depth of at most \(hello.inFlightLimit)")
        }
    }

    private func connect() throws(LoadFailure) -> [ServerStream] {
        var streams: [ServerStream] = []
        for _ in 0..<plan.connections {
            streams.append(try SetupConnection(to: address).takeStream())
        }
        return streams
    }

    private func runThreads(
        _ workload: Workload,
        _ streams: [ServerStream],
        _ times: RunTimes,
        answerBytesMax: Int,
        _ onTick: (LoadProgress) -> Void
    ) throws(LoadFailure) -> [WorkerResult] {
        TimerSlack.remove()
        var threads: [WorkerThread<Result<WorkerResult, SystemFault>>] = []
        for thread in 0..<plan.threads {
            let assignment = WorkerAssignment(
                plan: plan,
                thread: thread,
                workload: workload,
                sessions: share(thread, of: workload.sessions),
                streams: share(thread, of: streams),
                answerBytesMax: answerBytesMax,
                times: times,
                progress: progress
            )
            threads.append(try WorkerThread { Self.work(assignment) })
        }
        watch(threads, onTick)
        var results: [WorkerResult] = []
        for thread in threads {
            switch thread.join() {
            case .success(let result): results.append(result)
            case .failure(let fault): throw .failed("\(fault)")
            }
        }
        return results
    }

    private static func work(_ assignment: WorkerAssignment) -> Result<WorkerResult, SystemFault> {
        do throws(SystemFault) {
            let poller = try Poller(eventsMax: max(1, assignment.streams.count))
            var worker = LoadWorker(assignment, poller: poller)
            try worker.watchConnections()
            return .success(worker.run())
        } catch {
            return .failure(error)
        }
    }

    /// A thread's part: as many sessions for each connection as for every other.
    private func share<Element>(_ thread: Int, of all: [Element]) -> [Element] {
        all.enumerated().filter { $0.offset % plan.connections % plan.threads == thread }.map(\.element)
    }

    private func watch(
        _ threads: [WorkerThread<Result<WorkerResult, SystemFault>>],
        _ onTick: (LoadProgress) -> Void
    ) {
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
