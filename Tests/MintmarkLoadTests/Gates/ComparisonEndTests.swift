import Foundation
import Testing

@testable import MintmarkLoad

/// What a comparison says of its own end, with files as they are saved.
@Suite("How a comparison ends")
struct ComparisonEndTests {
    private struct Output {
        var exitStatus: CommandStatus
        var text: String
        var json: JSONValue
    }

    private static let rowTitle = "p50(ping)"

    private static func report(
        milliseconds: Double = 1,
        seconds: Double = 12,
        _ change: (inout LoadReport) -> Void = { _ in }
    ) throws -> JSONValue {
        let plan = try VirtualRun.plan(ratePerSecond: 2_000, seconds: seconds)
        var report = try VirtualRun.report(plan, .parallel(nanoseconds: Int64(milliseconds * 1e6)))
        change(&report)
        return report.json
    }

    private static func invalid() throws -> JSONValue { try report { $0.measured.workShares = [0.99] } }

    private static func aborted() throws -> JSONValue {
        try report { $0.measured.tally.errors.add(.reset, "so the test says") }
    }

    /// Runs the command on these reports, which it finds as 0.json, 1.json and so on.
    private static func compare(_ reports: [JSONValue], _ options: [String] = []) throws -> Output {
        let directory = NSTemporaryDirectory() + "mintmark-compare-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let files = reports.indices.map { "\(directory)/\($0).json" }
        for (file, report) in zip(files, reports) { try Data(report.text.utf8).write(to: URL(fileURLWithPath: file)) }
        let (text, saved) = (LoadTool.run(["compare"] + options + files), "\(directory)/saved")
        let again = LoadTool.run(["compare"] + options + files + ["--json", saved])
        #expect(again.exitStatus == text.exitStatus)
        let json = try JSONParser.parse(Array(Data(contentsOf: URL(fileURLWithPath: saved))))
        #expect(json["exit_status"].integer == Int(text.exitStatus.rawValue))
        let words = text.output.replacingOccurrences(of: directory + "/", with: "")
        return Output(exitStatus: text.exitStatus, text: words, json: json)
    }

    @Test("two invalid files are named, each with its reason")
    func invalidFiles() throws {
        let output = try Self.compare([try Self.invalid(), try Self.invalid()])
        #expect(output.exitStatus == .invalid)
        let why = "is no good to compare: INVALID: generator thread 0 used 99.0 % of a core"
        let end = "exit code 12:\n  0.json \(why)\n  1.json \(why)\n"
        #expect(output.text.hasSuffix(end), "\(output.text)")
        #expect(output.text.contains(Self.rowTitle))
        #expect(output.json["reasons"].values.map { $0["exit_status"].integer } == [12, 12])
    }

    @Test("what decides comes first, everything else behind it")
    func besides() throws {
        let output = try Self.compare([try Self.report(), try Self.aborted(), try Self.invalid()])
        #expect(output.exitStatus == .aborted)
        let lines = output.text.split(separator: "\n").suffix(4)
        #expect(lines.first == "exit code 4:")
        #expect(lines.dropFirst().first?.hasPrefix("  1.json is not whole: reset × 1: so the test says") == true)
        #expect(lines.dropFirst(2).first == "besides:")
        #expect(lines.last?.hasPrefix("  2.json is no good to compare") == true)
    }

    @Test("of a change for the worse the metrics are named")
    func regression() throws {
        let output = try Self.compare([try Self.report(), try Self.report(milliseconds: 2)])
        #expect(output.exitStatus == .regression)
        #expect(output.text.hasSuffix("exit code 11:\n  1.json became worse: p50(ping), p99(ping)\n"), "\(output.text)")
    }

    @Test("of what cannot be said the metrics are named")
    func inconclusive() throws {
        let same = try Self.report()
        let output = try Self.compare([same, same], ["--variation", "0", "--metric", "rate"])
        #expect(output.exitStatus == .inconclusive)
        #expect(output.text.contains("exit code 14:\n  1.json varies too much to say: rate; longer runs vary less"))
    }

    @Test("of what is too seldom in a second it says what helps")
    func seldom() throws {
        let same = try Self.report()
        let output = try Self.compare([same, same], ["--metric", "p99.9(ping)", "--metric", "rate"])
        #expect(output.exitStatus == .inconclusive)
        let end = """
            exit code 14:
              1.json has too few samples in a second to say: p99.9(ping); more come with a higher --rate or another \
            --mix, with --runs 5 of both, and --metric names what is to be compared

            """
        #expect(output.text.hasSuffix(end), "\(output.text)")
    }

    @Test("what is told of runs alone takes runs")
    func byRun() throws {
        let same = try Self.report()
        let output = try Self.compare([same, same], ["--metric", "max(ping)"])
        #expect(output.exitStatus == .inconclusive)
        let end = """
            exit code 14:
              1.json or its base has too few runs to say: max(ping); it takes 5 runs of both (--runs)

            """
        #expect(output.text.hasSuffix(end), "\(output.text)")
    }

    @Test("of what is told once of a file nothing can be said", arguments: ["achieved", "service_p99(ping)"])
    func once(metric: String) throws {
        let same = try RunDocument(try Self.report())
        let failure = #expect(throws: LoadFailure.self) {
            try Comparison(same, same, metrics: [try #require(Metric(metric))], Comparison.Limits())
        }
        #expect(failure?.exitStatus == .usage)
        #expect(failure?.message.hasPrefix("\(metric) is told once of each file") == true)
    }

    @Test("of runs that are too short it says how long they were, and how long is enough", arguments: [4.0, 6])
    func tooShort(seconds: Double) throws {
        let output = try Self.compare([try Self.report(seconds: seconds), try Self.report()])
        guard seconds < 6 else {
            #expect(output.exitStatus == .passed, "\(output.text)")
            return
        }
        #expect(output.exitStatus == .inconclusive)
        let end = """
            exit code 14:
              1.json or its base is too short to say: rate(ping), p50(ping), p99(ping); 4.0 s were measured before and \
            12.0 s now, and it takes 6 s or more of each (--duration), or 5 runs (--runs)

            """
        #expect(output.text.hasSuffix(end), "\(output.text)")
    }

    @Test("of a percentile with too few samples it says how many there are, and how many it takes")
    func tooFewSamples() throws {
        let document = try RunDocument(try Self.report(seconds: 1))
        let count = try #require(document.json["operations"]["ping"]["latency_us"]["samples"].integer)
        let metric = try #require(Metric("p99.99(ping)"))
        let error = try #require(throws: LoadFailure.self) { try document.value(of: metric) }
        let needed = LatencyHistogram.samplesNeeded(forPercentile: 99.99)
        #expect(count < needed)
        #expect(error.message.hasSuffix("enough for it in this run: \(count) in 1.0 s, and it takes \(needed)"))
    }

    @Test("nothing is said where all is as it should be")
    func passed() throws {
        let same = try Self.report()
        let output = try Self.compare([same, same])
        #expect(output.exitStatus == .passed)
        #expect(!output.text.contains("exit code"))
        #expect(output.json["reasons"].values.isEmpty)
    }

    @Test("of several runs in a file those are named that were bad; of a search, the rates")
    func partsOfFiles() throws {
        func document(_ members: [(name: String, value: JSONValue)]) throws -> RunDocument {
            try RunDocument(.object(try Self.report().members + members))
        }
        let run = JSONValue.object([("exit_status", .integer(12)), ("interrupted", .bool(true))])
        #expect(try document([("runs", .array([run]))]).shortcomings == ["run 1: exit status 12: interrupted"])
        let points = ["too slow", "stands"].map { finding in
            JSONValue.object([("passed", .bool(finding == "stands")), ("finding", .string(finding))])
        }
        #expect(try document([("points", .array(points))]).shortcomings == ["too slow"])
        #expect(try document([]).shortcomings == [])
    }
}
