import ArgumentParser

/// `mintmark-bench race`
struct RaceCommand: LoadCommand {
    static let roundsDefault = 100_000
    static let connectionsMax = 64
    static let threadsMax = 64

    static let configuration = CommandConfiguration(
        commandName: "race",
        abstract: "Tries to break the rules of sessions: parallel refreshes, lost answers, retries, revocations.",
        discussion: """
            Every round is one session, or two, in one situation: requests meet in the server at one instant, over \
            several connections, and every answer is held against what must be true of sessions. The first that is \
            not ends the race with exit code 13 and the exact sequence of requests and answers.

            Rounds wait for grace windows to end, so the server's must be short, and known: start it with the \
            configuration that --print-config shows. A server with another one is refused before the race, with exit \
            code 2. Where the machine was too slow to say whether a retry came inside \
            the window, the round is counted as undecided. A race that could judge no round of a scenario is invalid.

            Some rounds revoke everything of a subject, which is for administrators: on the Unix socket of a server \
            without configured clients everybody is one.

            Not raced, because it takes another client, a restart or another policy: tokens of other clients, what is \
            left after a restart, and forced rotation where every use rotates in any case.

            Examples:
              mintmark-bench race --print-config > race.yaml
              mintmarkd --config race.yaml --unix /tmp/race.sock
              mintmark-bench race --unix /tmp/race.sock --rounds 100000
            """
    )

    @Option(help: "How many rounds, over all scenarios.")
    var rounds = roundsDefault

    @Option(help: ArgumentHelp("Only these scenarios. (default: all)", valueName: "name,…"))
    var scenarios: String?

    @Option(help: "Connections of each thread: so many requests meet.")
    var connections = 8

    @Option(help: "Threads, each with rounds of its own.")
    var threads = 2

    @Option(help: "What random choices begin with.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("The server's grace window.", valueName: "milliseconds"))
    var graceWindow = RacePlan.graceMillisecondsDefault

    @Option(help: ArgumentHelp("The retries that the server allows inside it.", valueName: "count"))
    var graceUses = RacePlan.graceUsesDefault

    @Flag(help: "Show what the server's configuration must say, and do nothing else.")
    var printConfig = false

    @OptionGroup var server: ServerOptions
    @OptionGroup var report: ReportOptions

    func measure() throws(LoadFailure) -> Completion {
        let plan = try plan()
        guard !printConfig else { return Completion(.passed, output: plan.serverConfiguration + "\n") }
        try report.check()
        let address = try server.address()
        try RaceProbe(address: address, plan: plan).check()
        var line = ProgressLine()
        let run = RaceRun(address: address, plan: plan)
        let result = try run.run { progress in
            line.show(completed: progress.completed, errors: progress.errors, unit: "rounds")
        }
        line.clear()
        return Completion(result.exitStatus, text: result.text, json: result.json, jsonPath: report.json)
    }

    private func plan() throws(LoadFailure) -> RacePlan {
        guard (1...Int(Int32.max)).contains(rounds) else { throw .usage("--rounds is 1 to \(Int32.max)") }
        guard (2...Self.connectionsMax).contains(connections) else {
            throw .usage("--connections is 2 to \(Self.connectionsMax) here")
        }
        guard (1...Self.threadsMax).contains(threads) else { throw .usage("--threads is 1 to \(Self.threadsMax) here") }
        // The server takes no window above a tenth of the access-token TTL, and none is of use that nobody can meet.
        guard (50...30_000).contains(graceWindow) else { throw .usage("--grace-window is 50 to 30000 milliseconds") }
        guard (1...1_000).contains(graceUses) else { throw .usage("--grace-uses is 1 to 1000") }
        return RacePlan(
            rounds: rounds,
            scenarios: try chosenScenarios(),
            connections: connections,
            threads: threads,
            seed: seed,
            graceNanoseconds: Int64(graceWindow) * 1_000_000,
            graceUses: graceUses
        )
    }

    private func chosenScenarios() throws(LoadFailure) -> [RaceScenario] {
        guard let scenarios else { return RaceScenario.allCases }
        var chosen: [RaceScenario] = []
        for name in scenarios.split(separator: ",", omittingEmptySubsequences: false) {
            guard let scenario = RaceScenario(rawValue: String(name)) else {
                throw .usage("the scenarios are \(RaceScenario.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            chosen.append(scenario)
        }
        return chosen
    }
}
