import Foundation
import Testing

/// The load tool kills the real daemon.
@Suite("The crash test of the load tool")
struct CrashToolTests {
    /// Kills it `rounds` times.
    private func crash(rounds: Int, _ arguments: String...) throws -> ProcessResult {
        try run(
            BuiltProducts.mintmarkBench,
            ["crash", "--rounds", "\(rounds)", "--json", "-"] + arguments,
            secondsMax: 600
        )
    }

    @Test("thirty kills take nothing that was acknowledged")
    func always() throws {
        let result = try crash(rounds: 30)
        try #require(result.exitCode == 0, "\(result)")
        let kills = try #require(try result.json["kills"] as? [[String: Any]])
        #expect(kills.count == 30)
        #expect(kills.allSatisfy { ($0["acknowledged"] as? Int ?? 0) >= 500 })
        let steps = try #require(try result.json["steps"] as? [String: Int])
        #expect(steps.values.reduce(0, +) == 30)
        // Half of the kills are aimed at steps of a snapshot: on the slowest machine some of them hit.
        #expect(steps.filter { $0.key != "idle" }.values.reduce(0, +) > 0)
        #expect(try #require(try result.number("checked")) > 3_000)
        #expect(try #require(try result.number("sessions_revoked")) > 100)
    }

    @Test("the other modes keep what they promise", arguments: ["interval:100ms", "snapshot"])
    func relaxed(mode: String) throws {
        let result = try crash(rounds: 4, "--durability", mode)
        #expect(result.exitCode == 0, "\(result)")
    }

    @Test("a daemon that forgets is found out, and the ledger stays")
    func forgetful() throws {
        let directory = try DaemonProcess.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let program = "\(directory)/forgetful"
        let script = """
            #!/bin/sh
            # The keys stay, as an operator may put them into a new directory; the sessions do not.
            cd \(directory)/data && rm -f manifest store.begun keys.state journal-* snapshot-*
            cd /
            exec \(BuiltProducts.mintmarkd.path) "$@"

            """
        try Data(script.utf8).write(to: URL(fileURLWithPath: program))
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program)
        let result = try crash(rounds: 2, "--daemon", program, "--data-dir", "\(directory)/data")
        #expect(result.exitCode == 13, "\(result)")
        let finding = try #require(try result.json["finding"] as? [String: Any])
        #expect(finding["rule"] as? String == "lost_open")
        #expect(try #require(finding["history"] as? [String]).contains { $0.contains("KILLED") })
        let ledger = try #require(finding["ledger"] as? String)
        #expect(FileManager.default.fileExists(atPath: ledger))
        try FileManager.default.removeItem(at: URL(fileURLWithPath: ledger).deletingLastPathComponent())
    }
}
