import Foundation
import Testing

/// A real `mintmarkd` with a directory of its own; killed and cleaned up with the value.
///
/// It listens on a free TCP port and on a Unix socket unless the arguments say otherwise. Whatever a test does with it,
/// its log must hold no token and no key.
final class DaemonProcess {
    struct Ready: Decodable {
        var pid: Int32
        var tcp: [String]
        var tls: [String]
        var unix: String?
        var admin: String?
        var authz: String?
    }

    let directory: String
    let ready: Ready
    private let process: Process
    private let ended = DispatchSemaphore(value: 0)
    private let log: LogReader
    /// Unless a test says otherwise. On a machine that does other things beside, no request is refused for having waited.
    private static let environment = ["MINTMARK_LOG_FORMAT": "text", "MINTMARK_LIMITS_QUEUE_TIME": "1m"]
    private let isDirectoryOwned: Bool

    var unixPath: String { "\(directory)/socket" }
    var tcpAddress: String { ready.tcp[0] }
    var tlsAddress: String { ready.tls[0] }
    var dataDirectory: String { "\(directory)/data" }

    /// - Parameters:
    ///   - arguments: Flags beside those for the directory.
    ///   - configuration: What the YAML file says.
    ///   - directory: A directory that outlives the daemon.
    ///   - launcher: A program and its arguments that become the daemon (exec): its command line comes behind them.
    ///   - addsListeners: Whether it listens where the configuration does not say so.
    init(
        arguments: [String] = [],
        configuration: String? = nil,
        environment: [String: String] = [:],
        directory existing: String? = nil,
        launcher: [String] = [],
        addsListeners: Bool = true
    ) throws {
        let directory = try existing ?? Self.makeDirectory()
        let process = Process()
        let command = launcher + [BuiltProducts.mintmarkd.path]
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments =
            try command.dropFirst()
            + Self.arguments(in: directory, configuration, arguments, addsListeners: addsListeners)
        // The log goes into a pipe, and the tests read it as people do.
        process.environment = ProcessInfo.processInfo.environment
            .merging(Self.environment) { $1 }.merging(environment) { $1 }
        process.terminationHandler = { [ended] _ in ended.signal() }
        log = LogReader(try process.runWithPipes().errors)
        self.directory = directory
        self.process = process
        isDirectoryOwned = existing == nil
        // The log tells when it is ready, so nothing has to be polled.
        try #require(log.waitForLine(containing: " ready", or: "\"ready\""), "the daemon did not start: \(log.text)")
        ready = try Self.readyFile(in: directory)
    }

    deinit {
        if process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        for secret in ["mmrt_", "eyJ", "PRIVATE KEY"] where log.text.contains(secret) {
            Issue.record("the daemon's log holds \(secret)…:\n\(log.text)")
        }
        if isDirectoryOwned {
            try? FileManager.default.removeItem(atPath: directory)
        }
    }

    static func makeDirectory() throws -> String {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("mm-\(UUID().uuidString.prefix(13))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        return url.path
    }

    /// The arguments of a daemon whose files are all in `directory`. Writes the configuration there.
    static func arguments(
        in directory: String,
        _ configuration: String?,
        _ arguments: [String],
        addsListeners: Bool = true
    ) throws -> [String] {
        var all = ["--data-dir", "\(directory)/data", "--ready-file", "\(directory)/ready.json"] + arguments
        if addsListeners, !arguments.contains("--listen") {
            all += ["--listen", "127.0.0.1:0"]
        }
        if addsListeners, !arguments.contains("--unix") {
            all += ["--unix", "\(directory)/socket"]
        }
        if !arguments.contains("--admin") {
            all += ["--admin", "off"]
        }
        if let configuration {
            try Data(configuration.utf8).write(to: URL(fileURLWithPath: "\(directory)/mintmark.yaml"))
            all += ["--config", "\(directory)/mintmark.yaml"]
        }
        return all
    }

    static func readyFile(in directory: String) throws -> Ready {
        try JSONDecoder().decode(Ready.self, from: Data(contentsOf: URL(fileURLWithPath: "\(directory)/ready.json")))
    }

    /// Asks it to stop. It goes on for as long as there is something in flight.
    func signal(_ signal: Int32 = SIGTERM) {
        kill(process.processIdentifier, signal)
    }

    /// Asks it to stop and waits until it has; returns its exit code, or nil if it runs on after two minutes.
    func stop(with signal: Int32 = SIGTERM) -> Int32? {
        self.signal(signal)
        return exitCode()
    }

    /// Waits until it has stopped; returns its exit code, or nil if it runs on after two minutes.
    func exitCode() -> Int32? {
        guard ended.wait(timeout: .now() + 120) == .success else { return nil }
        // For whoever asks again.
        ended.signal()
        return process.terminationStatus
    }

    /// Everything it has written to standard error so far.
    var logText: String { log.text }

    /// Waits until its log holds `part`.
    func waitForLog(_ part: String) -> Bool { log.waitForLine(containing: part) }

    /// Runs the command line against this daemon, over its Unix socket, with answers in JSON.
    func mintmark(_ arguments: String..., input: String = "") throws -> ProcessResult {
        let command = patient(arguments) + ["--unix", unixPath, "--json"]
        let end = Date(timeIntervalSinceNow: 120)
        while true {
            let result = try run(BuiltProducts.mintmark, command, input: input)
            // Administration is refused while the audit log is slow, as it may be on a busy disk.
            let isTooSlow = result.exitCode != 0 && result.output.contains(#""error_code":"AUDIT""#)
            guard isTooSlow, Date() < end else { return result }
            usleep(10_000)
        }
    }

    /// The same with answers for people.
    func mintmarkText(_ arguments: String..., input: String = "") throws -> ProcessResult {
        try run(BuiltProducts.mintmark, patient(arguments) + ["--unix", unixPath], input: input)
    }

    /// On a machine that does other things beside, a daemon may not answer in the time that people would wait.
    private func patient(_ arguments: [String]) -> [String] {
        arguments.contains("--timeout") ? arguments : arguments + ["--timeout", "120"]
    }
}
