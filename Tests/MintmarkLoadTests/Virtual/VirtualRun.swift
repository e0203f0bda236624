import Testing

@testable import MintmarkLoad

/// Loads a virtual server with PING.
enum VirtualRun {
    static func plan(
        ratePerSecond: Double? = nil,
        arrival: ArrivalSchedule.Arrival = .poisson,
        seconds: Double = 10,
        connections: Int = 16,
        depth: Int = 256,
        seed: UInt64 = 7
    ) throws -> LoadPlan {
        var plan = try LoadPlan.small("ping=1", requests: nil, connections: connections, depth: depth)
        plan.pace = ratePerSecond.map { .openLoop(arrival, ratePerSecond: $0) } ?? .closedLoop
        plan.durationNanoseconds = Int64(seconds * 1e9)
        plan.drainNanoseconds = 5_000_000_000
        plan.seed = seed
        return plan
    }

    static func report(
        _ plan: LoadPlan,
        _ server: VirtualServer,
        absence: (period: Int64, range: Range<Int64>)? = nil
    ) throws -> LoadReport {
        let world = VirtualWorld(server: server)
        world.absence = absence
        return try report(plan, world)
    }

    static func report(
        _ plan: LoadPlan,
        _ world: VirtualWorld,
        progress: LoadProgress = LoadProgress()
    ) throws -> LoadReport {
        var workload = Workload()
        try workload.pingFrames.append(PingSample.request, lengthMax: 1 << 16)
        let times = RunTimes(start: 0, plan: plan)
        let assignment = WorkerAssignment(
            plan: plan,
            thread: 0,
            workload: workload,
            sessions: [],
            streams: (0..<plan.connections).map { _ in world.connect() },
            answerBytesMax: 1 << 16,
            times: times,
            progress: progress
        )
        var worker = LoadWorker(assignment, world: world)
        try worker.watchConnections()
        return report(plan, Measured([worker.run()], times), progress)
    }

    static func report(_ plan: LoadPlan, _ measured: Measured, _ progress: LoadProgress) -> LoadReport {
        LoadReport(
            plan: plan,
            address: .tcp(host: "virtual", port: 1),
            measured: measured,
            intervals: IntervalSlice.merged(progress.intervals),
            server: ServerView(
                software: ServerSoftware(
                    build: "virtual",
                    buildID: "0123456789abcdef",
                    settings: [("threads", "1"), ("storage.durability", "always")],
                    settingsDigest: "00ff"
                ),
                frameLengthLimit: 1 << 16,
                inFlightLimit: 1 << 16,
                statsBefore: [],
                statsAfter: []
            ),
            isInterrupted: progress.isStopRequested
        )
    }
}
