import Foundation
import Testing

/// A real `mintmarkd` with a directory of its own; killed and cleaned up with the value.
///
/// It listens on a free TCP port and on a Unix socket unless the arguments say otherwise.
final class DaemonProcess {
    struct Ready: Decodable {
        var pid: Int32
        var tcp: [String]
        var unix: String?
    }

    let directory: String
    let ready: Ready
    private let process: Process
    private let log: LogReader

    var unixPath: String { "\(directory)/socket" }
    var tcpAddress: String { ready.tcp[0] }

    init(
        arguments: [String] = [],
        configuration: String? = nil,
        environment: [String: String] = [:],
        directory existing: String? = nil
    ) throws {
        let directory = try existing ?? Self.makeDirectory()
        let process = Process()
        process.executableURL = BuiltProducts.program("mintmarkd")
        var all = ["--data-dir", "\(directory)/data", "--ready-file", "\(directory)/ready.json"] + arguments
        if !arguments.contains("--listen") {
            all += ["--listen", "127.0.0.1:0"]
        }
        if !arguments.contains("--unix") {
            all += ["--unix", "\(directory)/socket"]
        }
        if let configuration {
            try Data(configuration.utf8).write(to: URL(fileURLWithPath: "\(directory)/mintmark.yaml"))
            all += ["--config", "\(directory)/mintmark.yaml"]
        }
        process.arguments = all
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        // The log tells when it is ready, so nothing has to be polled.
        log = LogReader(errors.fileHandleForReading)
        try #require(log.waitForLine(containing: " ready"), "the daemon did not start: \(log.text)")
        self.directory = directory
        self.process = process
        let file = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/ready.json"))
        ready = try JSONDecoder().decode(Ready.self, from: file)
    }

    deinit {
        if process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(atPath: directory)
    }

    static func makeDirectory() throws -> String {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("mm-\(UUID().uuidString.prefix(13))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        return url.path
    }

    /// Asks it to stop and waits until it has; returns its exit code.
    func stop(with signal: Int32 = SIGTERM) -> Int32 {
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Everything it has written to standard error so far.
    var logText: String { log.text }

    /// Runs the command line against this daemon, over its Unix socket.
    func mintmark(_ arguments: String..., input: String = "") throws -> ProcessResult {
        try run(BuiltProducts.program("mintmark"), arguments + ["--unix", unixPath, "--json"], input: input)
    }
}

/// Collects what a process writes, line by line.
final class LogReader: Sendable {
    private let lines = NSCondition()
    private nonisolated(unsafe) var collected = ""
    private nonisolated(unsafe) var isAtEnd = false

    init(_ handle: FileHandle) {
        // A thread of its own: it blocks until the process closes its end.
        Thread.detachNewThread { [self] in
            while case let data = handle.availableData, !data.isEmpty {
                append(String(decoding: data, as: UTF8.self))
            }
            finish()
        }
    }

    var text: String {
        lines.withLock { collected }
    }

    /// Blocks until a line holds `part`; false when the process ended without one.
    func waitForLine(containing part: String) -> Bool {
        lines.withLock {
            while !collected.split(separator: "\n").contains(where: { $0.contains(part) }) {
                if isAtEnd {
                    return false
                }
                lines.wait()
            }
            return true
        }
    }

    private func append(_ text: String) {
        lines.withLock {
            collected += text
            lines.broadcast()
        }
    }

    private func finish() {
        lines.withLock {
            isAtEnd = true
            lines.broadcast()
        }
    }
}
