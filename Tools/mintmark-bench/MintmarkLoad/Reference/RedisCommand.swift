import ArgumentParser
import MintmarkProgram

/// `mintmark-bench redis`
struct RedisCommand: LoadCommand {
    static let configuration = CommandConfiguration(
        commandName: "redis",
        abstract: "Puts the same load on a Redis server, for comparison.",
        discussion: """
            The tokens of a file are set as keys, with values that make every answer as long as --answer-bytes says. \
            Then they are fetched at random, like peak verifies them. All keys are overwritten without asking.

            Example:
              mintmark-bench redis --server 127.0.0.1:6379 \\
                --tokens tokens.txt --answer-bytes 300
            """
    )

    static let answerBytesMax = 1 << 20

    @Option(help: ArgumentHelp("The Redis server's address.", valueName: "host:port"))
    var server: String

    @Option(help: ArgumentHelp("Its process on this machine, whose use of processors is reported.", valueName: "pid"))
    var serverPid: Int32?

    @Option(help: ArgumentHelp("The keys, one on a line.", valueName: "file"))
    var tokens: String

    @Option(help: ArgumentHelp("The size of a whole answer.", valueName: "bytes"))
    var answerBytes: Int

    @Option(help: "Connections.")
    var connections = 16

    @Option(help: "Requests underway on each connection.")
    var depth = 16

    @Option(
        help: ArgumentHelp("How long is measured.", valueName: "seconds"),
        transform: SecondsText.number
    )
    var duration = 10.0

    @Option(
        help: ArgumentHelp("How long there is load before it is measured.", valueName: "seconds"),
        transform: SecondsText.number
    )
    var warmup = 0.0

    @Flag(help: "Never sleep, so that the server need not wake the generator.")
    var spin = false

    @Option(help: "What random choices begin with.")
    var seed: UInt64 = 1

    @OptionGroup var report: ReportOptions

    func measure() throws(LoadFailure) -> Completion {
        guard let address = ServerAddress(server: server) else { throw .usage("a server is given as HOST:PORT") }
        let inRange =
            (1...1_024).contains(connections) && (1...1_024).contains(depth)
            && (1...Self.answerBytesMax).contains(answerBytes)
            && duration > 0 && duration <= LoadLimits.secondsMax && warmup >= 0 && warmup <= LoadLimits.secondsMax
        guard inRange else { throw .usage("connections, depth, sizes and durations are above 0 and not too large") }
        try report.check()
        let load = RedisLoad(
            address: address,
            processID: serverPid,
            tokens: try TokenFile.read(tokens),
            answerBytes: answerBytes,
            connections: connections,
            depth: depth,
            warmupNanoseconds: Int64(warmup * 1e9),
            durationNanoseconds: Int64(duration * 1e9),
            seed: seed,
            spins: spin
        )
        let found = try load.run()
        return Completion(found.exitStatus, text: found.text, json: found.json, jsonPath: report.json)
    }
}

extension RedisLoad.Report {
    var exitStatus: CommandStatus {
        if isInterrupted { return .aborted }
        return verdict.isValid ? .passed : .invalid
    }

    private var verdict: Verdict {
        Verdict(threadShares: [generatorShare], serverShare: serverShare, lag: nil, response: nil)
    }

    private var completedPerSecond: Double { measuredSeconds > 0 ? Double(completed) / measuredSeconds : 0 }

    var text: String {
        let lines = ["GET  \(Text.number(completedPerSecond, decimals: 0)) answers/s"]
        return (lines + verdict.reasons.map { "INVALID  \($0)" }).joined(separator: "\n")
    }

    var json: JSONValue {
        .object([
            ("schema_version", .integer(LoadReport.schemaVersion)),
            ("mode", .string("redis")),
            ("exit_status", .integer(Int(exitStatus.rawValue))),
            ("interrupted", .bool(isInterrupted)),
            ("verdict", verdict.json),
            ("measured_seconds", .number(measuredSeconds)),
            (
                "operations",
                .object([
                    (
                        "get",
                        .object([
                            ("completed", .integer(completed)), ("completed_per_second", .number(completedPerSecond)),
                        ])
                    )
                ])
            ),
            ("errors", .object([])),
            ("generator", .object([("core_share_max", .number(generatorShare))])),
            (
                "server",
                .object([
                    ("cores_used", .number(serverCores?.used)),
                    ("cores_idle", .number(serverCores?.idle)),
                    ("cores_stolen", .number(serverCores?.stolen)),
                ])
            ),
        ])
    }
}
