import Foundation
import Testing

/// What one connection does to another, in time. It wants processors that do nothing else and optimised programs, so
/// `Tools/test --long` runs it; that requests take turns at all is `FairnessTests`, in every run.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["TESTS_LONG"] != nil))
struct FairnessTimeTests {
    private static let tries = 5
    /// How many times as long as alone the slowest of a hundred may take.
    private static let ratioMax = 5.0
    private static let depth = 10_000

    private struct Report: Decodable {
        struct Operation: Decodable {
            var latencyUs: [String: Double?]
        }

        var operations: [String: Operation]
        var errors: [String: Int]
    }

    /// Ten thousand verifications of one connection are underway all the time.
    @Test func aFloodOnOneConnectionKeepsNobodyWaiting() async throws {
        let daemon = try DaemonProcess(configuration: "threads: 1\nlimits: {in_flight: 16384}\n")
        var ratios: [Double] = []
        for _ in 0..<Self.tries {
            let alone = try p99Microseconds(of: daemon)
            let flood = try flooded(daemon)
            defer { stop(flood) }
            let wanted = try #require(try await daemon.counter("requests_verify")) + UInt64(Self.depth)
            _ = try await poll("the flood begins") {
                try #require(try await daemon.counter("requests_verify")) > wanted ? true : nil
            }
            let beside = try p99Microseconds(of: daemon)
            #expect(flood.isRunning)
            ratios.append(beside / alone)
        }
        #expect(ratios.sorted()[Self.tries / 2] <= Self.ratioMax, "\(ratios)")
    }

    /// Of 1 000 verifications a second, from when each was due.
    private func p99Microseconds(of daemon: DaemonProcess) throws -> Double {
        let file = "\(daemon.directory)/report-\(UUID().uuidString).json"
        let load = ["run", "--rate", "1000", "--mix", "verify=1", "--connections", "1", "--duration", "3"]
        let places = ["--pin-server", "0", "--pin-client", "1", "--unix", daemon.unixPath]
        _ = try run(BuiltProducts.mintmarkBench, load + places + ["--json", file])
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let report = try decoder.decode(Report.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
        #expect(report.errors.isEmpty, "\(report.errors)")
        return try #require(report.operations["verify"]?.latencyUs["p99"] ?? nil)
    }

    /// A connection that keeps many verifications underway, until it is stopped. It gives way to whoever measures.
    private func flooded(_ daemon: DaemonProcess) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/nice")
        process.arguments = ["-n", "19", BuiltProducts.mintmarkBench.path, "peak", "--mix", "verify=1"]
        process.arguments? += ["--connections", "1", "--depth", "\(Self.depth)", "--duration", "60"]
        process.arguments? += ["--pin-client", "1", "--unix", daemon.unixPath]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.runInTurn()
        return process
    }

    private func stop(_ flood: Process) {
        kill(flood.processIdentifier, SIGKILL)
        flood.waitUntilExit()
    }
}
