import ArgumentParser
import Glibc

/// `mintmark-bench crash`
struct CrashCommand: LoadCommand {
    static let roundsDefault = 30
    static let roundsMaxDefault = 2_000
    static let roundsCeiling = 1_000_000
    static let connectionsMax = 64
    static let threadsMax = 16
    static let durabilityDefault = "always"
    static let snapshotIntervalDefault = "200ms"

    static let configuration = CommandConfiguration(
        commandName: "crash",
        abstract: "Kills a daemon under load, again and again, and looks for what it had acknowledged.",
        discussion: """
            It starts a mintmarkd of its own, in a directory of its own; opens, refreshes and revokes sessions over \
            several connections; kills it with SIGKILL when at least 500 answers have come; starts it again; and asks \
            about every session whether all is there. What was acknowledged must be; what was not may have happened or \
            not, and stays as it is found. The first thing that is wrong ends the test with exit code 13 and the \
            history of the session.

            Every request is in a ledger, synced, before it is sent, and every answer before it counts. When something \
            was found, the ledger and the daemon's directory stay, and the report says where.

            Every second kill comes at a moment drawn by lot; the others are aimed at the steps in which a snapshot is \
            published. Which step a kill hit is told by the files that it left.

            Promised under SIGKILL is everything in the modes always and interval:T, and in the mode snapshot what \
            concerns revocations.

            Examples:
              mintmark-bench crash
              mintmark-bench crash --require-steps 10 --json crash.json
              mintmark-bench crash --durability interval:1s \\
                --daemon build/mintmarkd -- --threads 1
            """
    )

    @Option(help: ArgumentHelp("The daemon. (default: mintmarkd beside this program)", valueName: "path"))
    var daemon: String?

    @Option(
        help: ArgumentHelp(
            "The daemon's data directory: new, or empty. (default: a temporary one)",
            valueName: "directory"
        )
    )
    var dataDir: String?

    @Option(help: "How many kills.")
    var rounds = roundsDefault

    @Option(help: ArgumentHelp("Go on until every step of a snapshot was hit so often.", valueName: "count"))
    var requireSteps = 0

    @Option(help: ArgumentHelp("The most kills for that.", valueName: "count"))
    var roundsMax = roundsMaxDefault

    @Option(help: ArgumentHelp("The daemon's mode: always, interval:T or snapshot.", valueName: "mode"))
    var durability = durabilityDefault

    @Option(help: ArgumentHelp("How often the daemon writes a snapshot.", valueName: "time"))
    var snapshotInterval = snapshotIntervalDefault

    @Option(help: "Connections of each thread.")
    var connections = 4

    @Option(help: "Threads, each with sessions of its own.")
    var threads = 2

    @Option(help: "What random choices begin with. Moments are not replayed: they are the machine's.")
    var seed: UInt64 = 1

    @Argument(help: ArgumentHelp("Behind --: more arguments for the daemon.", valueName: "argument"))
    var daemonArguments: [String] = []

    @OptionGroup var report: ReportOptions

    func measure() throws(LoadFailure) -> Completion {
        let plan = try plan()
        try report.check()
        let program = try program()
        let work = try WorkDirectory()
        let result: CrashReport
        do throws(LoadFailure) {
            result = try run(plan, program, work)
        } catch {
            work.remove()
            throw error
        }
        let isKept = result.exitStatus != .passed && !result.isInterrupted
        if !isKept { work.remove() }
        let text = isKept ? result.text + "\nkept: \(work.path)" : result.text
        return Completion(result.exitStatus, text: text, json: result.json, jsonPath: report.json)
    }

    private func run(
        _ plan: CrashPlan,
        _ program: String,
        _ work: WorkDirectory
    ) throws(LoadFailure) -> CrashReport {
        let target = try DaemonTarget(
            program: program,
            workDirectory: work.path,
            directory: try dataDirectory(work),
            plan: plan,
            extraArguments: daemonArguments
        )
        let line = ProgressLine()
        var run = try CrashRun(plan: plan, target: target, ledgerPath: "\(work.path)/ledger") { report in
            line.show("\(report.kills.count) kills, the last one hit: \(report.kills.last?.step.title ?? "nothing")")
        }
        let result = try run.run()
        line.clear()
        return result
    }

    private func plan() throws(LoadFailure) -> CrashPlan {
        guard (1...Self.roundsCeiling).contains(rounds) else { throw .usage("--rounds is 1 to \(Self.roundsCeiling)") }
        guard (rounds...Self.roundsCeiling).contains(roundsMax) else {
            throw .usage("--rounds-max is at least --rounds, and at most \(Self.roundsCeiling)")
        }
        guard (0...roundsMax).contains(requireSteps) else { throw .usage("--require-steps is 0 to --rounds-max") }
        guard (1...Self.connectionsMax).contains(connections) else {
            throw .usage("--connections is 1 to \(Self.connectionsMax) here")
        }
        guard (1...Self.threadsMax).contains(threads) else { throw .usage("--threads is 1 to \(Self.threadsMax) here") }
        guard let durability = CrashPlan.Durability(durability) else {
            throw .usage("--durability is always, interval:T or snapshot, with a T such as 1s")
        }
        guard let snapshotInterval = DurationText(snapshotInterval) else {
            throw .usage("--snapshot-interval is a time such as 200ms or 5m, at most a day")
        }
        return CrashPlan(
            rounds: rounds,
            stepHitsRequired: requireSteps,
            roundsMax: roundsMax,
            threads: threads,
            connections: connections,
            seed: seed,
            durability: durability,
            snapshotInterval: snapshotInterval
        )
    }

    /// The daemon's path.
    private func program() throws(LoadFailure) -> String {
        guard let program = daemon ?? Self.neighbour("mintmarkd"), access(program, X_OK) == 0 else {
            throw .usage("\(daemon ?? "mintmarkd beside this program") cannot be run; say where it is with --daemon")
        }
        return program
    }

    /// A program in this program's directory.
    private static func neighbour(_ name: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        return String(decoding: path[...slash], as: UTF8.self) + name
    }

    /// A store that is anybody's is not for killing its daemon.
    private func dataDirectory(_ work: WorkDirectory) throws(LoadFailure) -> String {
        guard let dataDir else { return "\(work.path)/data" }
        let names: [String]
        do throws(SystemFault) {
            names = try StoreListing.names(in: dataDir)
        } catch {
            throw .usage("\(dataDir) cannot be read: \(error)")
        }
        guard names.isEmpty else {
            throw .usage("\(dataDir) is not empty; a crash test has a store of its own")
        }
        return dataDir
    }
}
