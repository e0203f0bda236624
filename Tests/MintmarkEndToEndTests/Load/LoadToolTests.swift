import Foundation
import Testing

/// The load tool against the real daemon: what it reports is what the daemon has counted.
@Suite("The load tool")
struct LoadToolTests {
    private static let hour = "clients: {local: {access_token_ttl: 1h}}\n"

    private func bench(_ daemon: DaemonProcess, _ arguments: String...) throws -> ProcessResult {
        try run(BuiltProducts.mintmarkBench, arguments + ["--unix", daemon.unixPath, "--json", "-"])
    }

    /// On a machine that does other things beside, figures may be invalid; answers may not be wrong.
    private func isGood(_ result: ProcessResult) -> Bool { [0, 12].contains(result.exitCode) }

    private func operation(_ name: String, _ result: ProcessResult) throws -> [String: Any] {
        let operations = try #require(try result.json["operations"] as? [String: [String: Any]])
        return try #require(operations[name])
    }

    /// How much a counter of the daemon grew during the measurement.
    private func growth(_ counter: String, _ result: ProcessResult) throws -> Int {
        let server = try #require(try result.json["server"] as? [String: Any])
        let before = try #require(server["stats_before"] as? [String: Int])
        let after = try #require(server["stats_after"] as? [String: Int])
        return try #require(after[counter]) - #require(before[counter])
    }

    @Test("tokens that would expire are made anew between two runs")
    func renewedTokens() async throws {
        let daemon = try DaemonProcess(
            configuration: "clients: {local: {access_token_ttl: 15s, grace: {window: 0s}}}\n"
        )
        let arguments = ["run", "--rate", "500", "--mix", "verify=1", "--distinct-tokens", "10", "--warmup", "0"]
        let result = try run(
            BuiltProducts.mintmarkBench,
            arguments
                + ["--duration", "1", "--runs", "3", "--pause", "3", "--unix", daemon.unixPath, "--json", "-"]
        )
        #expect(isGood(result), "\(result)")
        #expect((try result.json["runs"] as? [Any])?.count == 3)
        // They must outlive a run by ten seconds; the third begins more than four after the first tokens were made.
        #expect(try #require(try await daemon.counter("requests_sign")) >= 20)
    }

    @Test("what it counts is what the daemon counts", arguments: ["peak", "run"])
    func counts(mode: String) throws {
        let daemon = try DaemonProcess(configuration: Self.hour)
        let rate = mode == "run" ? ["--rate", "100000"] : []
        let result = try run(
            BuiltProducts.mintmarkBench,
            [mode, "--unix", daemon.unixPath, "--json", "-", "--mix", "sign=1,verify=2,refresh=1,ping=1"]
                + ["--requests", "4000", "--duration", "600", "--distinct-tokens", "100", "--threads", "2"] + rate
        )
        #expect(isGood(result), "\(result)")
        #expect((try result.json["errors"] as? [String: Int])?.isEmpty == true)
        var sum = 0
        for name in ["sign", "verify", "refresh", "ping"] {
            let completed = try #require(try operation(name, result)["completed"] as? Int)
            #expect(try growth("requests_\(name)", result) == completed)
            sum += completed
        }
        #expect(sum == 4_000)
    }

    @Test("a report tells both builds and what the daemon runs with, as `mintmark stats` does")
    func circumstances() throws {
        let daemon = try DaemonProcess(configuration: Self.hour + "threads: 1\nstorage: {durability: snapshot}\n")
        let result = try bench(daemon, "peak", "--mix", "ping=1", "--requests", "10")
        let server = try #require(try result.json["server"] as? [String: Any])
        let stats = try daemon.mintmark("stats").json
        #expect(server["build_id"] as? String == stats["build_id"] as? String)
        #expect(server["settings"] as? [String: String] == stats["settings"] as? [String: String])
        #expect(server["settings_digest"] as? String == stats["settings_digest"] as? String)
        let settings = try #require(server["settings"] as? [String: String])
        #expect(settings["threads"] == "1" && settings["storage.durability"] == "snapshot")
        // Linkers of Linux write it into every program.
        let (own, others) = (try result.json["run"] as? [String: Any], server["build_id"] as? String)
        #expect((own?["build_id"] as? String)?.count ?? 0 >= 16 && others?.count ?? 0 >= 16)
        #expect(own?["build_id"] as? String != others)
    }

    @Test("tokens of an earlier daemon are cold in the next, once each")
    func coldTokens() throws {
        let directory = try DaemonProcess.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let file = "\(directory)/tokens"
        let first = try DaemonProcess(configuration: Self.hour, directory: directory)
        let written = try run(
            BuiltProducts.mintmarkBench,
            ["tokens", "--unix", first.unixPath, "--distinct-tokens", "700", "--write-tokens", file]
        )
        #expect(written.exitCode == 0)
        #expect(first.stop() == 0)
        let second = try DaemonProcess(configuration: Self.hour, directory: directory)
        let verify = ["--mix", "verify=1", "--duration", "600", "--tokens", file]
        let cold = try run(
            BuiltProducts.mintmarkBench,
            ["peak", "--unix", second.unixPath, "--json", "-", "--once"] + verify
        )
        #expect(isGood(cold), "\(cold)")
        #expect(try growth("verify_cache_hits", cold) == 0)
        #expect(try growth("verify_cache_misses", cold) == 700)
        #expect(try growth("verify_active", cold) == 700)
        let hot = try run(
            BuiltProducts.mintmarkBench,
            ["peak", "--unix", second.unixPath, "--json", "-", "--requests", "2000", "--without-claims"] + verify
        )
        #expect(isGood(hot), "\(hot)")
        #expect(try growth("verify_cache_hits", hot) == 2_000)
    }

    @Test("as many connections are opened as are reported, step by step", arguments: ["closed", "open"])
    func handshakes(loop: String) throws {
        let certificates = try DevCertificates()
        let daemon = try DaemonProcess(configuration: certificates.yaml)
        let pace = loop == "open" ? ["--rate", "200"] : []
        let count = ["-n", "100", "--duration", "100", "--concurrency", "4", "--json", "-"]
        for (options, steps) in [
            (["--unix", daemon.unixPath], ["connect_us", "hello_us"]),
            (certificates.options(daemon), ["connect_us", "hello_us", "tls_us"]),
        ] {
            let result = try run(BuiltProducts.mintmarkBench, ["handshake"] + count + pace + options)
            #expect(isGood(result), "\(result)")
            #expect((try result.json["errors"] as? [String: Int])?.isEmpty == true)
            let handshake = try operation("handshake", result)
            #expect(handshake["completed"] as? Int == 100)
            #expect((handshake["steps"] as? [String: Any])?.keys.sorted() == steps)
            // The control connection is older.
            #expect(try growth("connections_opened", result) == 100)
        }
    }

    @Test("connections are replaced when they have sent what they may")
    func reconnects() throws {
        let daemon = try DaemonProcess()
        let result = try run(
            BuiltProducts.mintmarkBench,
            ["peak", "--mix", "ping=1", "-n", "1000", "--duration", "100", "--reconnect-every", "50", "--json", "-"]
                + ["--connections", "4", "--depth", "3", "--unix", daemon.unixPath]
        )
        #expect(isGood(result), "\(result)")
        #expect((try result.json["errors"] as? [String: Int])?.isEmpty == true)
        #expect(try operation("ping", result)["completed"] as? Int == 1_000)
        let reconnects = try #require((try result.json["reconnects"] as? [String: Any])?["count"] as? Int)
        // Of the last four some may come when nothing is left to send.
        #expect((16...20).contains(reconnects), "\(reconnects)")
        #expect(try growth("connections_opened", result) - reconnects <= 4)
    }

    @Test("a server with a certificate of others is not believed, and the class of errors says so")
    func wrongCertificate() throws {
        let (certificates, others) = (try DevCertificates(), try DevCertificates())
        let daemon = try DaemonProcess(configuration: certificates.yaml)
        let trust = ["--tls", daemon.tlsAddress, "--ca", others.file("ca.pem")]
        for mode in [["peak", "--mix", "ping=1"], ["run", "--rate", "10"], ["handshake"]] {
            let result = try run(BuiltProducts.mintmarkBench, mode + ["--duration", "5", "--json", "-"] + trust)
            #expect(result.exitCode == 3, "\(result)")
            #expect(result.errors.contains("tls_verify: "), "\(result)")
        }
    }

    @Test("the daemon stands the race")
    func race() throws {
        let configuration = try run(BuiltProducts.mintmarkBench, ["race", "--print-config"])
        let daemon = try DaemonProcess(configuration: configuration.output)
        let result = try bench(daemon, "race", "--rounds", "240")
        // On a busy machine a scenario may have no round that could be judged.
        #expect(isGood(result), "\(result)")
        let scenarios = try #require(try result.json["scenarios"] as? [String: [String: Any]])
        #expect(scenarios.count == 12)
        for (name, scenario) in scenarios {
            let rounds = try #require(scenario["rounds"] as? Int)
            let undecided = try #require(scenario["undecided"] as? Int)
            #expect(rounds + undecided == 20, "\(name)")
        }
    }

    @Test("a daemon that is not set up for the race is refused, and what it needs is said")
    func unfitDaemon() throws {
        let daemon = try DaemonProcess(configuration: DaemonProcess.patientClient)
        let result = try bench(daemon, "race", "--rounds", "1", "--scenarios", "retry_after_window", "--threads", "1")
        #expect(result.exitCode == 2, "\(result)")
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("grace: {window: 300ms, uses: 16}"), "\(result.errors)")
    }

    @Test("a daemon whose window is longer than the race's is refused, whatever else of it fits")
    func longerWindow() throws {
        let daemon = try DaemonProcess()
        let result = try bench(daemon, "race", "--rounds", "1", "--threads", "1")
        #expect(result.exitCode == 2, "\(result)")
        #expect(result.errors.contains("the server's grace window is longer"), "\(result.errors)")
    }

    @Test("whoever may not revoke by subject is told so before the race")
    func raceWithoutPermission() throws {
        let configuration = try run(BuiltProducts.mintmarkBench, ["race", "--print-config"])
        let daemon = try DaemonProcess(configuration: configuration.output)
        let race = ["race", "--rounds", "12", "--threads", "1", "--server", daemon.tcpAddress, "--json", "-"]
        let result = try run(BuiltProducts.mintmarkBench, race)
        #expect(result.exitCode == 2, "\(result)")
        #expect(result.errors.contains("--unix"), "\(result.errors)")
        let other = try run(BuiltProducts.mintmarkBench, race + ["--scenarios", "forged_tag"])
        #expect(isGood(other), "\(other)")
    }

    private static let longLoad = ["peak", "--mix", "ping=1", "--duration", "600"]

    /// Starts a load that is too long to wait for, waits until the daemon has seen some of it, and does something about it.
    private func underLoad(
        _ daemon: DaemonProcess,
        _ arguments: [String] = longLoad,
        until counter: String = "requests_ping",
        _ body: (Process) -> Void
    ) async throws -> ProcessResult {
        let process = Process()
        process.executableURL = BuiltProducts.mintmarkBench
        process.arguments = arguments + ["--unix", daemon.unixPath, "--json", "-"]
        let (output, errors, input) = try process.runWithPipes()
        try input.close()
        try await poll("the daemon has seen some load") {
            try await daemon.counter(counter).flatMap { $0 > 1_000 ? true : nil }
        }
        body(process)
        // A report may not fit into a pipe, so it is read before anybody waits for the end. What goes wrong does.
        let report = output.readDataToEndOfFile()
        process.waitUntilExit()
        return ProcessResult(
            exitCode: process.terminationStatus,
            output: String(decoding: report, as: UTF8.self),
            errors: String(decoding: errors.readDataToEndOfFile(), as: UTF8.self)
        )
    }

    @Test("whoever interrupts it gets the figures until then")
    func interruption() async throws {
        let daemon = try DaemonProcess()
        let result = try await underLoad(daemon) { $0.interrupt() }
        #expect(result.exitCode == 4, "\(result)")
        #expect(try result.bool("interrupted") == true)
        #expect(try #require(try operation("ping", result)["completed"] as? Int) > 0)
        #expect((try result.json["errors"] as? [String: Int])?.isEmpty == true)
    }

    @Test("whoever interrupts a race gets what was found until then")
    func interruptedRace() async throws {
        let configuration = try run(BuiltProducts.mintmarkBench, ["race", "--print-config"])
        let daemon = try DaemonProcess(configuration: configuration.output)
        let result = try await underLoad(daemon, ["race", "--rounds", "100000000"], until: "requests_refresh") {
            $0.interrupt()
        }
        #expect(result.exitCode == 4, "\(result)")
        #expect(try result.bool("interrupted") == true)
        #expect(try #require(try result.number("rounds")) > 0)
        #expect((try result.json["errors"] as? [String: Int])?.isEmpty == true)
    }

    @Test("whoever interrupts the preparations need not wait for their end")
    func interruptedPreparation() async throws {
        let daemon = try DaemonProcess()
        let arguments = ["peak", "--mix", "refresh=1", "--sessions", "10000000"]
        let result = try await underLoad(daemon, arguments, until: "requests_open") { $0.interrupt() }
        #expect(result.exitCode == 4, "\(result)")
        #expect(result.errors == "mintmark-bench: interrupted before anything was measured\n")
    }

    @Test("a daemon that is killed ends the run, and has its own error")
    func killedDaemon() async throws {
        let daemon = try DaemonProcess()
        let result = try await underLoad(daemon) { _ in daemon.signal(SIGKILL) }
        #expect(result.exitCode == 4, "\(result)")
        #expect(try result.bool("interrupted") == false)
        let errors = try #require(try result.json["errors"] as? [String: Int])
        #expect(!errors.isEmpty)
        #expect(Set(errors.keys).isSubset(of: ["reset", "eof", "eof_mid_frame"]))
    }

    @Test("a daemon that stops says so")
    func stoppedDaemon() async throws {
        let daemon = try DaemonProcess()
        let result = try await underLoad(daemon) { _ in daemon.signal(SIGTERM) }
        #expect(result.exitCode == 4, "\(result)")
        let errors = try #require(try result.json["errors"] as? [String: Int])
        #expect(errors["status_shutting_down"] != nil, "\(errors)")
    }
}
