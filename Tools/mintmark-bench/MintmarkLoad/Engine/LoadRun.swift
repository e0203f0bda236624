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

    /// - Parameter onTick: Told several times a second while it goes on.
    func run(onTick: (RunWatch) -> Void = { _ in }) throws(LoadFailure) -> LoadReport {
        var prepared = try PreparedLoad(address: address, plan: plan, processID: processID)
        return try prepared.measure(plan, progress: progress, onTick: onTick)
    }
}

/// A server and what is needed to load it, several times if need be: each time begins where the last one ended.
struct PreparedLoad {
    let address: ServerAddress
    private var control: SetupConnection
    /// Whether an answer may still come on it that nobody waits for any more.
    private var isControlSpoilt = false
    private let process: ServerProcess?
    private var workload: Workload

    init(address: ServerAddress, plan: LoadPlan, processID: Int32? = nil) throws(LoadFailure) {
        self.address = address
        control = try SetupConnection(to: address)
        try Self.checkLimits(of: control.hello, plan)
        workload = try WorkloadBuilder(connection: control, plan: plan).build()
        process = (processID ?? control.peerProcessID).map { ServerProcess(processID: $0) }
    }

    /// The newest refresh token of each session.
    var refreshTokens: [[UInt8]] { workload.sessions.map { Array($0.refreshToken) } }

    /// What was prepared, in words.
    var inventory: String {
        let parts = [
            (workload.verifyFrames.count, "tokens"), (workload.sessions.count, "sessions to refresh"),
            (workload.revokeFrames.count, "sessions to revoke"),
        ]
        let words = parts.filter { $0.0 > 0 }.map { "\(Text.number(Double($0.0), decimals: 0)) \($0.1)" }
        return "prepared: " + (words.isEmpty ? "nothing, because the mix needs nothing" : words.joined(separator: ", "))
    }

    /// Lets the server's process run on these processors only.
    func pinServer(to processors: ProcessorList) throws(LoadFailure) {
        guard let process else { throw .usage("--pin-server needs --server-pid, or --unix") }
        do throws(SystemFault) {
            try processors.pin(process: process.processID)
        } catch {
            throw .failed("the server cannot be pinned: \(error)")
        }
    }

    private static func checkLimits(of hello: HelloResponse, _ plan: LoadPlan) throws(LoadFailure) {
        guard plan.depth <= Int(hello.inFlightLimit) else {
            throw .usage("the server takes a depth of at most \(hello.inFlightLimit)")
        }
    }

    /// Puts one load on the server. The plan's mix and tokens are those of the preparation; tokens that would expire are
    /// made anew.
    mutating func measure(
        _ plan: LoadPlan,
        progress: LoadProgress,
        onTick: (RunWatch) -> Void = { _ in }
    ) throws(LoadFailure) -> LoadReport {
        if isControlSpoilt { control = try SetupConnection(to: address) }
        control.limitWaiting(nanoseconds: ServerAddress.openNanosecondsMax)
        try WorkloadBuilder(connection: control, plan: plan).renewTokens(of: &workload)
        let isHandshakes = plan.mix.contains(.handshake)
        let streams = isHandshakes ? [] : try connect(plan.connections)
        let idle = try connect(plan.idleConnections)
        defer { withExtendedLifetime(idle) {} }
        let before = try control.ask(StatsRequest())
        let usageBefore = process?.usage()
        // Threads need a moment to be there all at once.
        let times = RunTimes(start: MonotonicClock.now() + 5_000_000, plan: plan)
        TimerSlack.remove()
        let threads =
            isHandshakes
            ? try HandshakeThreads.start(plan, address, times, progress) : try start(plan, streams, times, progress)
        let samples = watch(threads, RunWatch(plan: plan, times: times, progress: progress, process: process), onTick)
        var results: [WorkerResult] = []
        for thread in threads {
            switch thread.join() {
            case .success(let result): results.append(result)
            case .failure(let fault): throw .failed("\(fault)")
            }
        }
        let usageAfter = process?.usage()
        keepSessions(of: results, plan)
        // A server that hangs has had its time.
        control.limitWaiting(nanoseconds: plan.drainNanoseconds)
        let after = try? control.ask(StatsRequest())
        isControlSpoilt = after == nil
        return LoadReport(
            plan: plan,
            address: address,
            measured: Measured(results, times),
            intervals: IntervalSlice.merged(progress.intervals),
            server: ServerView(
                software: ServerSoftware(before),
                frameLengthLimit: Int(control.hello.frameLengthLimit),
                inFlightLimit: Int(control.hello.inFlightLimit),
                statsBefore: before.counters,
                statsAfter: after?.counters,
                process: process,
                usageBefore: usageBefore,
                usageAfter: usageAfter,
                samples: samples,
                processorsAllowed: process?.processorsAllowed,
                tlsSession: control.tlsSession,
                tokenSizes: workload.tokenSizes
            ),
            isInterrupted: progress.isStopRequested
        )
    }

    private func connect(_ count: Int) throws(LoadFailure) -> [ServerStream] {
        var streams: [ServerStream] = []
        for _ in 0..<count {
            guard !Interruption.isRequested else { throw .interrupted }
            streams.append(try SetupConnection(to: address).takeStream())
        }
        return streams
    }

    typealias Thread = WorkerThread<Result<WorkerResult, SystemFault>>

    private func start(
        _ plan: LoadPlan,
        _ streams: [ServerStream],
        _ times: RunTimes,
        _ progress: LoadProgress
    ) throws(LoadFailure) -> [Thread] {
        var threads: [Thread] = []
        for thread in 0..<plan.threads {
            let assignment = WorkerAssignment(
                plan: plan,
                thread: thread,
                workload: workload,
                sessions: Self.share(thread, of: workload.sessions, plan),
                streams: Self.share(thread, of: streams, plan),
                answerBytesMax: Int(control.hello.frameLengthLimit),
                times: times,
                progress: progress
            )
            threads.append(try WorkerThread { [address] in Self.work(assignment, address) })
        }
        return threads
    }

    private static func work(
        _ assignment: WorkerAssignment<ServerStream>,
        _ address: ServerAddress
    ) -> Result<WorkerResult, SystemFault> {
        do throws(SystemFault) {
            let world = try KernelWorld(
                address: address,
                eventsMax: max(1, assignment.streams.count),
                opens: assignment.plan.reconnectEvery != nil,
                openNanosecondsMax: assignment.plan.timeoutNanoseconds
            )
            var worker = LoadWorker(assignment, world: world)
            try worker.watchConnections()
            return .success(worker.run())
        } catch {
            return .failure(error)
        }
    }

    /// A thread's part: as many sessions for each connection as for every other.
    private static func share<Element>(_ thread: Int, of all: [Element], _ plan: LoadPlan) -> [Element] {
        all.enumerated().filter { $0.offset % plan.connections % plan.threads == thread }.map(\.element)
    }

    /// The sessions have new tokens now.
    private mutating func keepSessions(of results: [WorkerResult], _ plan: LoadPlan) {
        guard !workload.sessions.isEmpty else { return }
        workload.sessions = results.flatMap(\.sessions)
    }

    /// Waits for the threads' ends; returns what the server's process was seen to use, about once a second.
    private func watch(_ threads: [Thread], _ watch: RunWatch, _ onTick: (RunWatch) -> Void) -> [ServerSample] {
        var watch = watch
        while threads.contains(where: { !$0.isFinished }) {
            usleep(20_000)
            if Interruption.isRequested { watch.progress.requestStop() }
            if watch.look(at: MonotonicClock.now()) { onTick(watch) }
        }
        return watch.samples
    }
}
