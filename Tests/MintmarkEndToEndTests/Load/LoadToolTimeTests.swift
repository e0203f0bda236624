import Foundation
import Testing

/// What can be seen on real time only. It takes minutes, wants processors that do nothing else, and means something for
/// optimised programs: `Tools/test --long` runs it, one test after the other.
@Suite(
    "The load tool on real time",
    .serialized,
    .enabled(if: ProcessInfo.processInfo.environment["TESTS_LONG"] != nil)
)
struct LoadToolTimeTests {
    private struct Times: Decodable {
        var p50: Double?
        var p99: Double?
    }

    private struct Operation: Decodable {
        var completed: Int
        var completedPerSecond: Double
        var latencyUs: Times
        var serviceUs: Times?
        var lagUs: Times?
    }

    private struct Generator: Decodable {
        var ownLagUs: Times
    }

    private struct Verdict: Decodable {
        var result: String
        var reasons: [String]
    }

    private struct Report: Decodable {
        var operations: [String: Operation]
        var generator: Generator
        var verdict: Verdict
        var errors: [String: Int]

        var ping: Operation { get throws { try #require(operations["ping"]) } }
    }

    /// Runs the tool, and does something to a process meanwhile.
    private func report(
        _ daemon: DaemonProcess,
        _ arguments: [String],
        terminal: FileHandle? = nil,
        _ body: (_ generator: pid_t) -> Void = { _ in }
    ) throws -> (exitCode: Int32, report: Report) {
        let file = "\(daemon.directory)/report-\(UUID().uuidString).json"
        let process = Process()
        process.executableURL = BuiltProducts.mintmarkBench
        process.arguments = arguments + ["--mix", "ping=1", "--unix", daemon.unixPath, "--json", file]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = terminal ?? FileHandle.nullDevice
        try process.runInTurn()
        body(process.processIdentifier)
        process.waitUntilExit()
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let report = try decoder.decode(Report.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
        return (process.terminationStatus, report)
    }

    @Test(
        "a server that stands still for 1.4 s makes callers wait; what shows it depends on the depth",
        arguments: [1, 1_000]
    )
    func stall(depth: Int) throws {
        let daemon = try DaemonProcess()
        let load = ["run", "--rate", "2000", "--arrival", "uniform", "--duration", "30", "--connections", "10"]
        let (exitCode, report) = try report(daemon, load + ["--depth", "\(depth)"]) { _ in
            Thread.sleep(forTimeInterval: 10)
            daemon.signal(SIGSTOP)
            Thread.sleep(forTimeInterval: 1.4)
            daemon.signal(SIGCONT)
        }
        #expect([0, 12].contains(exitCode), "\(report.verdict)")
        #expect(report.errors.isEmpty, "\(report.errors)")
        let ping = try report.ping
        let response = try #require(ping.latencyUs.p99)
        let service = try #require(ping.serviceUs?.p99)
        #expect(response >= 800_000)
        #expect(try #require(ping.latencyUs.p50) < 5_000)
        if depth == 1 {
            #expect(service * 50 <= response, "\(service) µs")
            #expect(try #require(ping.lagUs?.p99) >= 800_000)
        } else {
            // Requests were on the wire meanwhile.
            #expect(service >= 0.9 * response, "\(service) µs")
        }
    }

    @Test("the pace is kept to a thousandth", arguments: [1_000, 5_000, 10_000, 20_000, 50_000])
    func pace(perSecond: Int) throws {
        let daemon = try DaemonProcess()
        let load = ["run", "--rate", "\(perSecond)", "--arrival", "uniform", "--duration", "5", "--warmup", "1"]
        // Whatever else the machine does in one of three tries is not the generator's.
        let tries = try (0..<3).map { _ in try report(daemon, load).report }
        let best = try #require(try tries.min { try Self.lag($0) < Self.lag($1) })
        let achieved = try best.ping.completedPerSecond / Double(perSecond)
        #expect(abs(achieved - 1) < 0.001, "\(achieved)")
        #expect(try Self.lag(best) < 300, "\(best.generator)")
        #expect(best.errors.isEmpty, "\(best.errors)")
    }

    private static func lag(_ report: Report) throws -> Double { try #require(report.generator.ownLagUs.p99) }

    @Test("a generator that has a tenth of a processor says that its figures are its own")
    func starvedGenerator() throws {
        let daemon = try DaemonProcess()
        let load = ["run", "--rate", "20000", "--duration", "5"]
        let (exitCode, report) = try report(daemon, load) { generator in
            for _ in 0..<60 {
                kill(generator, SIGSTOP)
                Thread.sleep(forTimeInterval: 0.09)
                kill(generator, SIGCONT)
                Thread.sleep(forTimeInterval: 0.01)
            }
        }
        #expect(exitCode == 12)
        #expect(report.verdict.result == "invalid")
        #expect(!report.verdict.reasons.isEmpty)
    }

    @Test("the live view costs less than a fiftieth of the throughput")
    func liveView() throws {
        let daemon = try DaemonProcess()
        let load = ["peak", "--duration", "3", "--warmup", "0.5"]
        var ratios: [Double] = []
        for _ in 0..<7 {
            let without = try report(daemon, load).report.ping.completedPerSecond
            let screen = try Pseudoterminal()
            let shown = try report(daemon, load, terminal: screen.terminal).report.ping.completedPerSecond
            #expect(screen.read(until: "answered"))
            ratios.append(shown / without)
        }
        #expect(ratios.sorted()[3] > 0.98, "\(ratios)")
    }
}
