import Foundation
import MetricsTestKit
import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkClient

/// The documentation that `Tools/docs` makes of this build.
@Suite("The client's documentation")
struct DocumentationTests {
    private static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Whether the toolchain beside `swift` has what makes documentation.
    private static let canBeMade = {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders = path.split(separator: ":").map { URL(fileURLWithPath: String($0)) }
        let program = folders.map { $0.appendingPathComponent("swift") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
        let toolchain = program?.resolvingSymlinksInPath().deletingLastPathComponent()
        return ["docc", "swift-symbolgraph-extract"].allSatisfy { name in
            toolchain.map { FileManager.default.isExecutableFile(atPath: $0.appendingPathComponent(name).path) }
                ?? false
        }
    }()

    /// What the compiler says of a public symbol.
    private struct Symbol: Decodable {
        struct Comment: Decodable {
            var module: String?
        }

        struct Location: Decodable {
            var uri: String
        }

        var pathComponents: [String]
        var docComment: Comment?
        /// Nil where the compiler has made it.
        var location: Location?
    }

    private struct SymbolGraph: Decodable {
        var symbols: [Symbol]
    }

    @Test(
        "every link of it leads somewhere, and every public symbol of both modules has a comment of ours",
        .enabled(if: canBeMade, "this toolchain has no docc")
    )
    func isWhole() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("mintmark-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let build = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let output = directory.appendingPathComponent("output")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        #expect(FileManager.default.createFile(atPath: output.path, contents: nil))
        let process = Process()
        process.executableURL = Self.repository.appendingPathComponent("Tools/docs")
        process.arguments = [directory.path, "--bin", build.path]
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = process.standardOutput
        try process.run()
        process.waitUntilExit()
        let told = try String(contentsOf: output, encoding: .utf8)
        #expect(process.terminationStatus == 0, "\(told)")

        for (file, leastCount) in [("MintmarkClient", 150), ("MintmarkClient@MintmarkWire", 60), ("MintmarkWire", 500)]
        {
            let url = directory.appendingPathComponent("symbols/\(file).symbols.json")
            let symbols = try JSONDecoder().decode(SymbolGraph.self, from: Data(contentsOf: url)).symbols
            #expect(symbols.count >= leastCount)
            for symbol in symbols where symbol.location != nil {
                let name = symbol.pathComponents.joined(separator: ".")
                #expect(symbol.docComment?.module?.hasPrefix("Mintmark") == true, "\(name) has no comment")
            }
        }
    }

    @Test("the article on watching lists the metrics that there are, with their labels, and no others")
    func metricsAreListed() async throws {
        let factory = TestMetrics()
        let script = Scripts.first { _ in [.close] }
        try await withServedClient(script, metricsFactory: factory) { client, _ in
            _ = try await client.ping()
            let claims = [UInt8](repeating: 0x20, count: Limits.frameLengthMaxCeiling)
            _ = await failure { try await client.sign(subject: "alice", audience: ["orders"], claims: claims) }
        }
        let counters = factory.counters.map { ($0.label, "counter", $0.dimensions) }
        let meters = factory.meters.map { ($0.label, "meter", $0.dimensions) }
        let timers = factory.timers.map { ($0.label, "timer", $0.dimensions) }
        let expected = (counters + meters + timers).map { name, type, dimensions in
            "\(name) \(type) \(dimensions.map(\.0).joined(separator: " "))"
        }

        let article = Self.repository.appendingPathComponent(
            "Sources/MintmarkClient/MintmarkClient.docc/WatchingAClient.md"
        )
        let rows = try String(contentsOf: article, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("| `mintmark_") }
        let listed = rows.map { row in
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            let labels = cells[2].matches(of: /`([a-z]+)`(?=[,:]|$)/).map { String($0.1) }
                .filter { ["operation", "outcome", "reason"].contains($0) }
            return "\(cells[0].filter { $0 != "`" }) \(cells[1]) \(labels.joined(separator: " "))"
        }
        #expect(Set(listed) == Set(expected))
        #expect(listed.count == 8)
    }
}
