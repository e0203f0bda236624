import ArgumentParser
import Foundation
import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkLoad

@Suite("The command line")
struct CommandTests {
    @Test(
        "wrong usage",
        arguments: [
            [], ["nothing"], ["peak", "--mix", "x"], ["peak", "--connections", "0"], ["peak", "--depth", "65536"],
            ["peak", "--threads", "17"], ["peak", "--duration", "0"], ["peak", "--duration", "86401"],
            ["peak", "--warmup", "-1"], ["peak", "--sessions", "255"], ["peak", "--requests", "0"],
            ["peak", "--distinct-tokens", "0"], ["peak", "--tokens", "a", "--distinct-tokens", "1"],
            ["peak", "--server", "nowhere"], ["peak", "--server", "a:1", "--unix", "b"], ["peak", "--unix", ""],
            ["peak", "--tls", "a:1"], ["peak", "--tls", "a", "--ca", "b"], ["peak", "--ca", "b"],
            ["peak", "--tls", "a:1", "--unix", "b", "--ca", "c"], ["peak", "--tls", "a:1", "--ca", "/nonexistent/ca"],
            ["peak", "--tls", "a:1", "--ca", "b", "--cert", "c"],
            ["run"], ["run", "--rate", "0"], ["run", "--rate", "1", "--arrival", "never"], ["tokens"],
            ["run", "--rate", "1", "--fail-if", "speed > 1"], ["run", "--rate", "1", "--fail-if", "p99 > 1ms for 3s"],
            ["run", "--rate", "1", "--mix", "sign=1", "--fail-if", "p99(verify) > 1ms"],
            ["run", "--rate", "1", "--abort-if", "mean > 1ms"], ["peak", "--fail-if", "achieved < 99%"],
            ["run", "--rate", "1", "--on-full", "wait"], ["peak", "--timeout", "0"],
            ["peak", "--drain-timeout", "3601"],
            ["peak", "--max-inflight", "0"], ["peak", "--profile", "none"],
            ["peak", "--profile", "gateway", "--mix", "ping=1"],
            ["peak", "--keys", "zipf:0"], ["peak", "--hostile", "reuse,reuse"], ["peak", "--idle-connections", "-1"],
            ["search"], ["search", "--slo", "speed > 1"], ["search", "--slo", "p99 < 1ms", "--start-rate", "0"],
            ["step", "--from", "2", "--to", "1", "--step", "1"], ["ramp", "--from", "0", "--to", "1"], ["report"],
            ["step", "--from", "1", "--to", "1001", "--step", "1"], ["compare", "a"],
            ["compare", "a", "b", "--metric", "x"],
            step + ["--once", "--tokens", "a"], step + ["--mix", "revoke=1"], step + ["--fail-if", "speed > 1"],
            step + ["--fail-if", "p99(sign) > 1ms", "--mix", "verify=1"], step + ["--abort-if", "mean > 1ms"],
            ["search", "--slo", "p99 < 1ms", "--once", "--tokens", "a"],
            ["search", "--slo", "p99(revoke) < 1ms", "--mix", "revoke=1"],
            ["search", "--slo", "p99 < 1ms", "--fail-if", "p99 > 1ms"],
            ["redis"], redis + ["--depth", "0"], redis + ["--depth", "1025"], redis + ["--connections", "0"],
            ["peak", "--runs", "0"], ["peak", "--runs", "1001"], ["peak", "--pause", "-1"],
            ["peak", "--pause", "3601"],
            ["peak", "--runs", "2", "--once", "--tokens", "a"], ["peak", "--runs", "2", "--mix", "revoke=1"],
            ["peak", "--percentiles", "99,50"], ["report", "a", "--percentiles", "100"],
            ["peak", "--reconnect-every", "0"], ["peak", "--claims-bytes", "9"], ["peak", "--pin-client", "a"],
            ["peak", "--sessions", "1000", "--use-sessions", "/nonexistent"],
            ["peak", "--use-sessions", "/nonexistent"],
            ["handshake", "--rate", "0"], ["handshake", "--concurrency", "0"], ["handshake", "--concurrency", "257"],
            ["handshake", "--duration", "0"], ["handshake", "-n", "0"],
            ["handshake", "--fail-if", "p99(verify) > 1ms"],
            ["peak", "--mix", "handshake=1"], ["spike", "--rate", "1"], ["spike", "--rate", "1", "--to", "0"],
            ["spike", "--rate", "1", "--to", "2", "--at", "9", "--for", "2"],
            ["peak", "--json", "/nonexistent/report"], ["run", "--rate", "1", "--json", "/nonexistent/report"],
            redis + ["--duration", "0"], redis + ["--server", "nowhere"], redis + ["--answer-bytes", "0"],
        ]
    )
    func usage(arguments: [String]) {
        let completion = LoadTool.run(arguments)
        #expect(completion.exitStatus == .usage)
        #expect(completion.output.isEmpty)
        #expect(!completion.errorOutput.isEmpty)
    }

    private static let step = ["step", "--from", "1", "--to", "1", "--step", "1"]
    private static let redis = ["redis", "--server", "a:1", "--tokens", "/nonexistent", "--answer-bytes", "300"]

    @Test("a server that no option names is the environment's, as for the other command")
    func environment() throws {
        func address(_ variables: [String: String], _ arguments: [String] = []) throws -> String {
            try ServerOptions.parse(arguments).address { variables[$0] }.description
        }
        #expect(try address([:]) == "127.0.0.1:7420")
        #expect(try address(["MINTMARK_SERVER": "a:1", "MINTMARK_UNIX": ""]) == "a:1")
        #expect(try address(["MINTMARK_UNIX": "/b"]) == "unix:/b")
        #expect(try address(["MINTMARK_UNIX": "/b"], ["--server", "c:2"]) == "c:2")
        let (server, unix, tls) = (["MINTMARK_SERVER": "a:1"], ["MINTMARK_UNIX": "/b"], ["MINTMARK_TLS": "c:2"])
        for (variables, names) in [
            (server.merging(unix) { $1 }, "MINTMARK_SERVER and MINTMARK_UNIX"),
            (unix.merging(tls) { $1 }, "MINTMARK_UNIX and MINTMARK_TLS"),
            (server.merging(unix) { $1 }.merging(tls) { $1 }, "MINTMARK_SERVER and MINTMARK_UNIX"),
        ] {
            let failure = #expect(throws: LoadFailure.self) { try address(variables) }
            #expect(failure?.message.hasPrefix("\(names) are both set") == true)
        }
        // What is said goes before what is set, and what belongs to TLS is of no matter elsewhere.
        #expect(try address(["MINTMARK_TLS": "c:2", "MINTMARK_CA": "/a"], ["--unix", "/b"]) == "unix:/b")
        #expect(try address(["MINTMARK_CA": "/a", "MINTMARK_SERVER": "a:1"]) == "a:1")
        let refused = [
            (tls, [], "--tls needs --ca"),
            (tls.merging(["MINTMARK_CA": "/a", "MINTMARK_CERT": "/b"]) { $1 }, [], "give --cert and --key together"),
            (["MINTMARK_CA": "/nowhere/ca.pem"], ["--tls", "c:2"], "/nowhere/ca.pem"),
            ([:], ["--server-user", "root"], "--server-user goes with --unix only"),
            (unix, ["--server-user", "?"], "there is no user named '?'"),
            (["MINTMARK_CLIENT": "me"], [], "give --client and --client-key together"),
            (["MINTMARK_CLIENT": "me", "MINTMARK_CLIENT_KEY": "/nowhere/key"], [], "/nowhere/key"),
        ]
        for (variables, arguments, words) in refused {
            let failure = #expect(throws: LoadFailure.self) { try address(variables, arguments) }
            #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
        }
    }

    @Test(
        "an answer of Redis has any size but those that its length line jumps over",
        arguments: [(5, false), (6, true), (15, true), (16, false), (17, true), (106, true), (107, false), (108, true)]
    )
    func redisAnswer(byteCount: Int, exists: Bool) {
        #expect(RedisLoad.answer(byteCount: byteCount)?.count == (exists ? byteCount : nil))
    }

    @Test("what Redis did counts only if the generator had time to spare, or the server had none")
    func redisVerdict() {
        var report = RedisLoad.Report(completed: 10, measuredSeconds: 2, generatorShare: 0.5, isInterrupted: false)
        #expect(report.exitStatus == .passed)
        report.generatorShare = 0.99
        #expect(report.exitStatus == .invalid)
        #expect(report.text.contains("INVALID"))
        report.serverShare = 0.96
        #expect(report.exitStatus == .passed)
        report.isInterrupted = true
        #expect(report.exitStatus == .aborted)
    }

    @Test("a report that cannot be written any more is shown at least")
    func lostFile() {
        let completion = Completion(.passed, text: "text", json: .null, jsonPath: "/nonexistent/report")
        #expect(completion.exitStatus == .failed)
        #expect(completion.output == "text\n")
        #expect(completion.errorOutput.contains("/nonexistent/report"))
        let wrong = Completion(.wrongAnswer, text: "text", json: .null, jsonPath: "/nonexistent/report")
        #expect(wrong.exitStatus == .wrongAnswer)
    }

    @Test("a generator that never sleeps says so")
    func spin() async throws {
        let completion = try await complete(["peak", "--mix", "ping=1", "--spin", "--json", "-"])
        let report = try JSONSerialization.jsonObject(with: Data(completion.output.utf8)) as? [String: Any]
        #expect((report?["settings"] as? [String: Any])?["spin"] as? Bool == true)
    }

    @Test("help and version are no errors", arguments: [["--help"], ["peak", "--help"], ["--version"]])
    func help(arguments: [String]) {
        let completion = LoadTool.run(arguments)
        #expect(completion.exitStatus == .passed)
        #expect(completion.output.contains("mintmark-bench"))
        #expect(completion.errorOutput.isEmpty)
    }

    @Test("the report is JSON on standard output")
    func json() async throws {
        let completion = try await complete(["peak", "--mix", "verify=1", "--distinct-tokens", "30", "--json", "-"])
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(completion.output.utf8)) as? [String: Any]
        )
        #expect(report["schema_version"] as? Int == 2)
        #expect(report["mode"] as? String == "peak")
        #expect(report["exit_status"] as? Int == Int(completion.exitStatus.rawValue))
        let operations = try #require(report["operations"] as? [String: [String: Any]])
        #expect(Array(operations.keys) == ["verify"])
        #expect(try #require(operations["verify"]?["completed_per_second"] as? Double) > 0)
        let latency = try #require(operations["verify"]?["latency_us"] as? [String: Any])
        for name in ["min", "mean", "p50", "p90", "max"] {
            #expect(try #require(latency[name] as? Double) > 0)
        }
        // Two hundred samples say nothing of what one in a hundred waits.
        for name in ["p99", "p999", "p9999"] { #expect(latency[name] is NSNull) }
        #expect((report["errors"] as? [String: Int])?.isEmpty == true)
        #expect((report["verdict"] as? [String: Any])?["result"] as? String != nil)
    }

    @Test("the report is JSON in a file, and text beside it")
    func jsonFile() async throws {
        let path = NSTemporaryDirectory() + "mintmark-report-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let completion = try await complete(["run", "--rate", "50000", "--mix", "ping=1", "--json", path])
        #expect(completion.output.hasPrefix("run: 50 000/s poisson"))
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
        #expect((json as? [String: Any])?["mode"] as? String == "run")
    }

    @Test("tokens of one run are verified in the next")
    func tokens() async throws {
        let path = NSTemporaryDirectory() + "mintmark-tokens-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let model = ModelServer()
        let written = try await complete(
            ["tokens", "--write-tokens", path, "--distinct-tokens", "70"],
            model,
            isLimited: false
        )
        #expect(written.exitStatus == .passed)
        let completion = try await complete(
            ["peak", "--mix", "verify=1", "--tokens", path, "--once", "--duration", "600"],
            model,
            isLimited: false
        )
        #expect([.passed, .invalid].contains(completion.exitStatus), "\(completion)")
        #expect(completion.output.contains("errors      none"))
    }

    @Test("several runs are measured one after the other, and told of together")
    func runs() async throws {
        let completion = try await complete([
            "run", "--rate", "20000", "--mix", "ping=1", "--runs", "3", "--pause", "0", "--percentiles", "50,75",
            "--json", "-",
        ])
        let json = try JSONParser.parse(Array(completion.output.utf8))
        #expect(json["runs"].values.count == 3)
        #expect(Set(json["runs"].values.compactMap { $0["run"]["id"].string }).count == 3)
        #expect(json["spread"]["p50(ping)"]["values"].values.count == 3)
        #expect(json["operations"]["ping"]["latency_us"]["percentiles"].members.map(\.name) == ["50", "75"])
    }

    @Test("handshakes are a mode with gates")
    func handshakes() async throws {
        let completion = try await complete(["handshake", "--concurrency", "4", "--fail-if", "p50(handshake) > 1ns"])
        #expect(completion.output.hasPrefix("handshake: 4 at once over tcp"))
        #expect(completion.output.contains("FAILED      p50(handshake) > 1ns"))
        #expect([.thresholdFailed, .invalid].contains(completion.exitStatus), "\(completion)")
    }

    @Test("sessions are prepared, written, and used by the next")
    func savedSessions() async throws {
        let path = NSTemporaryDirectory() + "mintmark-sessions-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let model = ModelServer()
        let refresh = ["peak", "--mix", "refresh=1", "--connections", "2", "--depth", "2", "--duration", "600"]
        let prepared = try await complete(
            refresh + ["--sessions", "30", "--load-only", "--save-sessions", path],
            model,
            isLimited: false
        )
        #expect(prepared == Completion(.passed, output: "prepared: 30 sessions to refresh\n"))
        for _ in 0..<2 {
            // Each takes the newest tokens of the one before: older ones would be reuse.
            let completion = try await complete(
                refresh + ["--use-sessions", path, "--save-sessions", path],
                model
            )
            #expect([.passed, .invalid].contains(completion.exitStatus), "\(completion)")
            #expect(completion.output.contains("errors      none"))
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").count == 30)
    }

    @Test("rates have thresholds and write sessions, too")
    func rates() async throws {
        let path = NSTemporaryDirectory() + "mintmark-sessions-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let model = ModelServer()
        let load = ["--mix", "refresh=1", "--connections", "2", "--depth", "2", "--duration", "600"]
        let step = ["step", "--from", "20000", "--to", "40000", "--step", "20000"] + load
        let search = ["search", "--slo", "p50 < 1s"] + load
        for command in [step, search] {
            try? FileManager.default.removeItem(atPath: path)
            let prepared = try await complete(
                command + ["--sessions", "30", "--load-only", "--save-sessions", path],
                model,
                isLimited: false
            )
            #expect(prepared == Completion(.passed, output: "prepared: 30 sessions to refresh\n"))
            #expect(try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").count == 30)
        }
        // Two rates, and the newest tokens of the second: older ones would be reuse.
        let judged = ["--use-sessions", path, "--save-sessions", path, "--fail-if", "p50 > 1ns", "--json", "-"]
        for _ in 0..<2 {
            let completion = try await complete(step + judged, model)
            #expect([.thresholdFailed, .invalid].contains(completion.exitStatus), "\(completion.errorOutput)")
            let json = try JSONParser.parse(Array(completion.output.utf8))
            #expect(json["points"].values.count == 2)
            #expect(json["points"].values.allSatisfy { $0["thresholds"].values.first?["violated"].bool == true })
            #expect(json["thresholds"].values.count == 1)
        }
    }

    @Test("claims have the sizes that are asked for")
    func claimSizes() async throws {
        let completion = try await complete([
            "peak", "--mix", "verify=1", "--distinct-tokens", "50", "--claims-bytes", "300", "--keys", "zipf", "--json",
            "-",
        ])
        let json = try JSONParser.parse(Array(completion.output.utf8))
        #expect(json["settings"]["claims_bytes"].string == "300")
        #expect(json["token_bytes"]["count"].integer == 50)
        #expect(json["key_skew"]["draws"].integer == 200)
        #expect(try #require(json["machine"]["ed25519_signs_per_second"].number) > 0)
    }

    @Test("tokens that would expire during the run are no use")
    func expiringTokens() async throws {
        let completion = try await complete([
            "peak", "--mix", "verify=1", "--distinct-tokens", "1", "--duration", "4000",
        ])
        #expect(completion.exitStatus == .usage)
        #expect(completion.errorOutput.contains("access_token_ttl"))
    }

    @Test("a first rate that gives too few samples in the longest time is refused before anything is sent")
    func seldomStart() {
        let completion = LoadTool.run(["search", "--slo", "p99(ping) < 1ms", "--mix", "ping=1", "--start-rate", "19"])
        #expect(completion.exitStatus == .usage)
        #expect(
            completion.errorOutput.contains(
                "p99(ping) needs more samples than 60 s of 19 requests/s give: begin with --start-rate 20, or say "
                    + "--duration 64"
            ),
            "\(completion.errorOutput)"
        )
    }

    /// Runs a command against a model of the server.
    private func complete(
        _ arguments: [String],
        _ model: ModelServer = ModelServer(),
        isLimited: Bool = true
    ) async throws -> Completion {
        try await withFakeServer(model.script) { server in
            let address = try server.address.description
            let limits = isLimited ? ["--requests", "200"] : []
            return try await blocking { LoadTool.run(arguments + ["--server", address] + limits) }
        }
    }
}
