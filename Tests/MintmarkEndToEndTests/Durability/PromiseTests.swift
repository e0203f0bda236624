import Foundation
import MintmarkClient
import MintmarkWire
import Testing

/// The promises of the README's table, row by row. What a power loss takes is tried on a simulated disk.
@Suite struct PromiseTests {
    private static let nothing = "loses nothing acknowledged"
    private static let sinceSnapshot = "loses what came after the last snapshot"

    struct Row: CustomTestStringConvertible, Sendable {
        var mode: String
        var leaves: String
        var kill: String
        var powerLoss: String

        var testDescription: String { mode }
    }

    /// The table, as the README has it.
    private static let rows: [Row] = {
        let path = BuiltProducts.repository.appendingPathComponent("README.md").path
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n").drop { !$0.hasPrefix("| mode |") }.dropFirst(2)
        return lines.prefix { $0.hasPrefix("|") }.map { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            return Row(mode: cells[0], leaves: cells[1], kill: cells[2], powerLoss: cells[3])
        }
    }()

    @Test func theTableIsComplete() {
        #expect(Self.rows.map(\.mode) == ["`always`, the default", "`interval:T`", "`snapshot`"])
        #expect(Self.rows.map(\.leaves) == ["when the change is synced", "when the change is written", "at once"])
        #expect(
            Self.rows.map(\.powerLoss) == [Self.nothing, "loses at most the last T and one sync", Self.sinceSnapshot]
        )
    }

    @Test(arguments: rows)
    func aKillLosesWhatTheTableSays(row: Row) async throws {
        let directory = try TemporaryHome()
        let mode = try #require(row.mode.firstMatch(of: /`([a-z]+)/)).1
        let arguments =
            row.mode.contains("default") ? [] : ["--durability", mode == "interval" ? "interval:1h" : "\(mode)"]
        let first = try DaemonProcess(
            arguments: arguments,
            configuration: DaemonProcess.patientClient,
            directory: directory.path
        )
        let (kept, later, rotated) = try await first.withClient { client in
            let kept = try await client.openSession("kept")
            try await client.snapshot()
            let rotated = try await client.refresh(kept.refreshToken)
            return (kept, try await client.openSession("later"), rotated)
        }
        first.signal(SIGKILL)
        _ = first.exitCode()
        let second = try DaemonProcess(
            arguments: arguments,
            configuration: DaemonProcess.patientClient,
            directory: directory.path
        )
        try await second.withClient { client in
            let laterRefusal = try await client.refusal(ofRefreshing: later.refreshToken)
            switch row.kill {
            case Self.nothing:
                #expect(laterRefusal == nil)
                let retry = try await client.refresh(kept.refreshToken)
                #expect(retry.outcome == .sameSuccessor)
            case Self.sinceSnapshot:
                #expect(laterRefusal == .unknown)
                let ahead = try await client.refresh(rotated.tokens.refreshToken)
                #expect(ahead.outcome == .fastForward)
            default:
                Issue.record("a promise that nothing keeps: \(row.kill)")
            }
        }
    }
}
