import Foundation
import Testing

@testable import MintmarkLoad

@Suite("Saved runs")
struct RunDocumentTests {
    /// - Parameter lost: The request that is never answered.
    private static func report(
        lost: Int? = 4_500,
        _ change: (inout LoadPlan) -> Void = { _ in }
    ) throws -> LoadReport {
        var plan = try VirtualRun.plan(ratePerSecond: 2_000, seconds: 3)
        plan.warmupNanoseconds = 1_000_000_000
        plan.timeoutNanoseconds = 200_000_000
        change(&plan)
        return try VirtualRun.report(
            plan,
            VirtualServer(threads: .max) { $0 == lost ? nil : 100_000 + Int64($0 % 50) * 7_000 }
        )
    }

    private static func saved(_ report: LoadReport) throws -> RunDocument {
        try RunDocument(JSONParser.parse(Array(report.json.text.utf8)))
    }

    private static func schema() throws -> JSONValue {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Protocol/bench.schema.json")
        return try JSONParser.parse(Array(Data(contentsOf: file)))
    }

    @Test("a report is what its schema says", arguments: [true, false])
    func schema(isOpenLoop: Bool) throws {
        let report = try Self.report {
            if !isOpenLoop {
                $0.pace = .closedLoop
                $0.requestsMax = 5_000
            }
        }
        var check = SchemaCheck(try Self.schema())
        check.check(try Self.saved(report).json)
        #expect(check.faults.isEmpty, "\(check.faults)")
    }

    @Test("what does not fit the schema is found")
    func schemaFaults() throws {
        var check = SchemaCheck(try Self.schema())
        let text = try Self.report().json.text
            .replacing("\"mode\": \"run\"", with: "\"mode\": \"walk\"")
            .replacing("\"interrupted\": false", with: "\"interrupted\": 0")
            .replacing("\"timed_out\"", with: "\"timed_in\"")
        check.check(try JSONParser.parse(Array(text.utf8)))
        #expect(check.faults.count == 3, "\(check.faults)")
    }

    @Test("what is saved is read, histograms and all")
    func roundTrip() throws {
        let report = try Self.report()
        let document = try Self.saved(report)
        #expect(document.json.text == report.json.text)
        for times in Metric.Times.allCases {
            let tally = report.tally.operations[LoadOperation.ping.rawValue].accepted
            let recorded = [Metric.Times.response: tally.response, .service: tally.service, .lag: tally.lag][times]
            #expect(try document.histogram(times, of: "ping") == recorded?.snapshot)
        }
        #expect(document.measuredIntervals.count == 3 + 1)
    }

    @Test(
        "files that are no reports are refused",
        arguments: ["", "{}", "[1]", "{\"schema_version\": 1}", "{\"schema_version\": 2}"]
    )
    func refusals(text: String) throws {
        let path = NSTemporaryDirectory() + "mintmark-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        for arguments in [["report", path], ["compare", path, path], ["report", "/nonexistent/report"]] {
            #expect(LoadTool.run(arguments).exitStatus == .usage)
        }
    }

    @Test("the log holds every second, and reads back")
    func log() throws {
        let report = try Self.report()
        let log = try Self.saved(report).histogramLog()
        #expect(try HistogramLog.parse(log.text) == log)
        let seconds = log.lines.filter { $0.tag == "ping" }
        // One was never answered; what was sent before the measured interval is in the seconds, and not in the total.
        let warmup = report.intervals.filter { $0.second < 1 }.reduce(0) { $0 + $1.completedCount }
        let total = try #require(log.lines.first { $0.tag == "total-ping" })
        #expect(abs(seconds.reduce(0) { $0 + $1.histogram.count } - warmup - total.histogram.count + 1) <= 5)
        #expect(log.startTime.map { Int($0) } == report.context.startedAt)
    }

    @Test("logs of other tools are read: comments, tags, line ends, no header")
    func foreignLog() throws {
        let histogram = HistogramEncoding.encode(HistogramSnapshot(.runs, entries: [.init(counter: 7, count: 3)]))
        let log = try HistogramLog.parse(
            "#[comment]\r\n#[StartTime: 12.5 (seconds since epoch)]\nTag=A,0.5,1.0,2.0,\(histogram)\r\n1.5,1.0,2.0,\(histogram)\n"
        )
        #expect(log.startTime == 12.5)
        #expect(log.lines.map(\.tag) == ["A", nil])
        #expect(log.lines.map(\.histogram.count) == [3, 3])
        for text in ["1,2,3", "a,1,2,\(histogram)", "1,1,1,HISTFAAAA"] {
            #expect(throws: HistogramEncoding.Fault.self) { try HistogramLog.parse(text) }
        }
    }

    @Test("a run that was interrupted has a report that fits the schema, and says so")
    func interrupted() throws {
        let plan = try VirtualRun.plan(ratePerSecond: 2_000, seconds: 30)
        let progress = LoadProgress()
        // At five seconds.
        let server = VirtualServer(threads: .max) { number in
            if number == 10_000 { progress.requestStop() }
            return 100_000
        }
        let report = try VirtualRun.report(plan, VirtualWorld(server: server), progress: progress)
        let document = try Self.saved(report)
        var check = SchemaCheck(try Self.schema())
        check.check(document.json)
        #expect(check.faults.isEmpty, "\(check.faults)")
        #expect(document.json["interrupted"].bool == true)
        #expect(document.json["exit_status"].integer == 4)
        #expect(abs(document.measuredSeconds - 5) < 0.5)
        #expect(try #require(document.json["completed"].integer) > 9_000)
        #expect(document.markdown.contains("**interrupted**"))
    }

    @Test("handshakes and repeated runs fit the schema, too")
    func schemaOfOthers() throws {
        let runs = try (1...3 as ClosedRange<UInt64>).map { seed in try Self.report { $0.seed = seed } }
        var check = SchemaCheck(try Self.schema())
        check.check(try JSONParser.parse(Array(RepeatedReport(runs).json.text.utf8)))
        var plan = try VirtualRun.plan(ratePerSecond: 100, seconds: 3)
        plan.mix = .handshakes
        let (times, progress) = (RunTimes(start: 0, plan: plan), LoadProgress())
        let world = VirtualWorld(server: .parallel(nanoseconds: 0))
        var worker = HandshakeWorker(plan, times, progress, HandshakeQueue(plan), world: world)
        var report = VirtualRun.report(plan, Measured([worker.run()], times), progress)
        report.percentiles = try #require(PercentileList("50,99.5"))
        let document = try Self.saved(report)
        check.check(document.json)
        #expect(check.faults.isEmpty, "\(check.faults)")
        #expect(document.mode == "handshake")
        let metric = try #require(Metric("p50(handshake)"))
        #expect(try document.value(of: metric) > 0)
    }

    @Test("the report command writes what it is asked for, and judges")
    func command() throws {
        let directory = NSTemporaryDirectory() + "mintmark-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let file = "\(directory)/run.json"
        try Data(Self.report(lost: nil).json.text.utf8).write(to: URL(fileURLWithPath: file))
        let outputs = ["html", "markdown", "csv", "hlog", "hgrm"].flatMap { ["--\($0)", "\(directory)/\($0)"] }
        #expect(LoadTool.run(["report", file] + outputs) == Completion(.passed))
        let text = { (name: String) in try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8) }
        #expect(try text("html").hasPrefix("<!DOCTYPE html>"))
        #expect(try text("markdown").contains("| ping |"))
        #expect(try text("csv").split(separator: "\n").count == 1 + 5)
        #expect(try text("hlog").hasPrefix("#[Histogram log format version 1.3]"))
        #expect(try text("hgrm").contains("Value     Percentile TotalCount 1/(1-Percentile)"))
        #expect(LoadTool.run(["report", file, "--hgrm", "-", "--operation", "ping"]).output == (try text("hgrm")))
        #expect(LoadTool.run(["report", file, "--hgrm", "-", "--operation", "sign"]).exitStatus == .usage)
        #expect(LoadTool.run(["report", file, "--operation", "ping"]).exitStatus == .usage)
        #expect(LoadTool.run(["report", file]).output.contains("| ping |"))
        let shown = LoadTool.run(["report", file, "--percentiles", "25,75,99.95"]).output
        #expect(shown.contains("| µs | per second | p25 | p75 | p99.95 | max |"), "\(shown)")
        #expect(LoadTool.run(["report", file, "--fail-if", "p50 > 1us"]).exitStatus == .thresholdFailed)
        #expect(LoadTool.run(["report", file, "--fail-if", "p50 > 1s"]).exitStatus == .passed)
        #expect(LoadTool.run(["report", file, "--fail-if", "p50(sign) > 1s"]).exitStatus == .usage)
        #expect(LoadTool.run(["report", file, file, "--csv", "-"]).exitStatus == .usage)
        #expect(LoadTool.run(["compare", file, file]).exitStatus == .inconclusive)
    }

    @Test(
        "what a saved run was worth stays: it is no pass, neither compared nor judged",
        arguments: [
            Row("wrong answers", saved(13), (.wrongAnswer, .wrongAnswer)),
            Row("not whole", saved(4), (.aborted, .aborted)),
            Row("invalid", saved(12), (.invalid, .invalid)),
            Row("what it was held against then", saved(10), (.passed, .thresholdFailed)),
            Row("passed", saved(0), (.passed, .thresholdFailed)),
        ] as [Row<Saved, (compared: CommandStatus, judged: CommandStatus)>]
    )
    func savedStatus(row: Row<Saved, (compared: CommandStatus, judged: CommandStatus)>) throws {
        let directory = NSTemporaryDirectory() + "mintmark-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let plan = try VirtualRun.plan(ratePerSecond: 2_000, seconds: 8)
        let json = try VirtualRun.report(plan, .parallel(nanoseconds: 100_000)).json
        let members = json.members.map {
            ($0.name, $0.name == "exit_status" ? JSONValue.integer(row.given.status) : $0.value)
        }
        let (good, other) = ("\(directory)/good.json", "\(directory)/other.json")
        try Data(json.text.utf8).write(to: URL(fileURLWithPath: good))
        try Data(JSONValue.object(members).text.utf8).write(to: URL(fileURLWithPath: other))
        for files in [[good, other], [other, good]] {
            #expect(LoadTool.run(["compare"] + files + ["--metric", "p50"]).exitStatus == row.expected.compared)
            #expect(LoadTool.run(["report"] + files + ["--fail-if", "p50 > 1s"]).exitStatus == row.expected.compared)
            #expect(LoadTool.run(["report"] + files + ["--fail-if", "p50 > 1us"]).exitStatus == row.expected.judged)
            // Nobody asked what they are worth.
            #expect(LoadTool.run(["report"] + files).exitStatus == .passed)
        }
        // A run that is not whole has said so: that a figure is missing is no usage error on top.
        let seldom = LoadTool.run(["report", other, "--fail-if", "p99.99 > 1s"])
        #expect(seldom.exitStatus == ([4, 13].contains(row.given.status) ? row.expected.compared : .usage))
    }

    struct Saved: Sendable { var status: Int }
    private static func saved(_ status: Int) -> Saved { Saved(status: status) }

    @Test(
        "JSON is read strictly",
        arguments: [
            Row("numbers", "[1,-2,0.5,1e3]", true), Row("a pair of surrogates", #""\ud83d\ude00\n""#, true),
            Row("space", " { \"a\" : [ ] } ", true), Row("two values", "1 2", false),
            Row("a member twice", #"{"a":1,"a":1}"#, false),
            Row("half a pair", #""\ud83d""#, false), Row("a comma at the end", "[1,]", false),
            Row("no end", "[1", false),
            Row("a plus", "+1", false), Row("control characters", "\"\u{1}\"", false), Row("no value", "", false),
            Row("depth", String(repeating: "[", count: 70) + String(repeating: "]", count: 70), false),
        ] as [Row<String, Bool>]
    )
    func json(row: Row<String, Bool>) {
        #expect(((try? JSONParser.parse(Array(row.given.utf8))) != nil) == row.expected)
    }
}
