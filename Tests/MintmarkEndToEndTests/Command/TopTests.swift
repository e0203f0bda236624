import Foundation
import Testing

/// `mintmark top` against a real daemon, on a terminal and off it.
@Suite struct TopTests {
    private static let leave = "\u{1B}[?25h\u{1B}[?1049l"

    private func start(
        _ daemon: DaemonProcess,
        on terminal: Pseudoterminal,
        environment: [String: String] = [:]
    ) throws -> Process {
        let process = Process()
        process.executableURL = BuiltProducts.mintmark
        process.arguments = ["top", "--interval", "0.1", "--unix", daemon.unixPath]
        process.environment = environment
        process.standardOutput = terminal.terminal
        process.standardError = terminal.terminal
        process.standardInput = FileHandle.nullDevice
        try process.runInTurn()
        return process
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func theTerminalIsLeftAsItWas(number: Int32) throws {
        let daemon = try DaemonProcess()
        let terminal = try Pseudoterminal()
        let before = terminal.settings
        let process = try start(daemon, on: terminal)
        #expect(terminal.read(until: "requests"))
        #expect(terminal.read(until: "snapshot"))
        #expect(terminal.text.hasPrefix("\u{1B}[?1049h\u{1B}[?25l"))
        #expect(terminal.text.contains("\u{1B}[32mready\u{1B}[0m"))
        kill(process.processIdentifier, number)
        #expect(terminal.read(until: Self.leave))
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == number)
        #expect(terminal.text.hasSuffix(Self.leave))
        #expect(terminal.settings == before)
    }

    @Test func nothingIsPaintedForWhoDoesNotWantIt() throws {
        let daemon = try DaemonProcess()
        let terminal = try Pseudoterminal(columns: 20, rows: 3)
        let process = try start(daemon, on: terminal, environment: ["NO_COLOR": "1"])
        #expect(terminal.read(until: "requests"))
        kill(process.processIdentifier, SIGINT)
        #expect(terminal.read(until: Self.leave))
        process.waitUntilExit()
        #expect(!terminal.text.contains("\u{1B}[3"), "no colour")
        #expect(!terminal.text.contains("sessions"), "three rows are no more than three")
    }

    /// What goes wrong on the way is shown, and asked again.
    @Test func aServerThatStopsIsShown() throws {
        let daemon = try DaemonProcess()
        let terminal = try Pseudoterminal()
        let process = try start(daemon, on: terminal)
        #expect(terminal.read(until: "snapshot"))
        #expect(daemon.stop() == 0)
        #expect(terminal.read(until: "The server does not answer"))
        kill(process.processIdentifier, SIGINT)
        #expect(terminal.read(until: Self.leave))
        process.waitUntilExit()
    }

    @Test func oneFrameIsText() throws {
        let daemon = try DaemonProcess()
        let result = try daemon.mintmarkText("top", "--once", "--interval", "0.1")
        #expect(result.exitCode == 0, "\(result)")
        #expect(result.output.hasPrefix("mintmarkd/") && result.output.hasSuffix("\n"))
        #expect(!result.output.contains("\u{1B}"))
        for name in ["requests", "refused", "cache", "sessions", "connections", "journal", "snapshot"] {
            #expect(result.output.contains("\n\(name) "), "\(name) in \(result.output)")
        }
        let json = try daemon.mintmark("top", "--once", "--interval", "0.1")
        #expect(try json.bool("ready") == true)
        #expect(try json.json["rates"] is [String: Any])
        #expect(daemon.stop() == 0)
    }

    /// Whoever reads no more ends it.
    @Test func framesForProgramsEndWithTheirReader() throws {
        let daemon = try DaemonProcess()
        let result = try run(
            URL(fileURLWithPath: "/bin/bash"),
            [
                "-c",
                "'\(BuiltProducts.mintmark.path)' top --json --interval 0.1 --unix '\(daemon.unixPath)' | head -n 2",
            ]
        )
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 2, "\(result)")
        for line in lines {
            #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any])
        }
        #expect(daemon.stop() == 0)
    }
}
