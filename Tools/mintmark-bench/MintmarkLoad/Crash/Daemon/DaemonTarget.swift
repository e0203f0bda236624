import Glibc

/// A real `mintmarkd`, started by this process with a directory of its own.
///
/// Confined to one thread. Only this process is ever signalled, and only before it was waited for.
final class DaemonTarget: CrashTarget {
    let directory: String
    private let program: String
    private let arguments: [String]
    private let address: ServerAddress
    private let readyFile: String
    private let log: String
    private var processID: pid_t = 0 {
        didSet { Interruption.setCompanion(processID) }
    }

    private static let startSecondsMax: Int64 = 120
    private static let stopSecondsMax: Int64 = 60

    /// - Parameters:
    ///   - workDirectory: For the socket, the log and the configuration; it exists.
    ///   - directory: The daemon's data directory.
    init(
        program: String,
        workDirectory: String,
        directory: String,
        plan: CrashPlan,
        extraArguments: [String]
    ) throws(LoadFailure) {
        self.program = program
        self.directory = directory
        let socket = "\(workDirectory)/socket"
        guard let address = ServerAddress(unixPath: socket) else {
            throw .usage("the path of the temporary directory, \(workDirectory), is too long for a socket; set TMPDIR")
        }
        self.address = address
        readyFile = "\(workDirectory)/ready.json"
        log = "\(workDirectory)/log"
        let configuration = "\(workDirectory)/mintmark.yaml"
        do throws(SystemFault) {
            try FileBytes.write(Array(plan.serverConfiguration.utf8), to: configuration)
        } catch {
            throw .failed("\(configuration) cannot be written: \(error)")
        }
        arguments =
            [
                "--config", configuration, "--data-dir", directory, "--unix", socket, "--listen", "127.0.0.1:0",
                "--admin", "off",
            ]
            + ["--ready-file", readyFile, "--durability", plan.durability.text]
            + ["--snapshot-interval", plan.snapshotInterval.text] + extraArguments
    }

    deinit {
        kill()
    }

    func start() throws(LoadFailure) -> ServerAddress {
        precondition(processID == 0, "a daemon is started only when there is none")
        unlink(readyFile)
        processID = try spawn()
        let deadline = MonotonicClock.now() + Self.startSecondsMax * 1_000_000_000
        while access(readyFile, F_OK) != 0 {
            if let end = ended() { throw .unreachable("\(program) did not start: \(end)") }
            guard MonotonicClock.now() < deadline, !Interruption.isRequested else {
                kill()
                throw .unreachable("\(program) was not ready within \(Self.startSecondsMax) seconds")
            }
            usleep(1_000)
        }
        return address
    }

    var isRunning: Bool { processID > 0 && ended() == nil }

    func kill() {
        guard processID > 0 else { return }
        _ = Glibc.kill(processID, SIGKILL)
        // Its number may be another's as soon as it was waited for.
        Interruption.setCompanion(0)
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0, errno == EINTR {}
        processID = 0
    }

    func stop() -> Int32? {
        guard processID > 0 else { return nil }
        _ = Glibc.kill(processID, SIGTERM)
        let deadline = MonotonicClock.now() + Self.stopSecondsMax * 1_000_000_000
        while MonotonicClock.now() < deadline {
            var status: Int32 = 0
            if waitpid(processID, &status, WNOHANG) == processID {
                processID = 0
                return status & 0x7F == 0 ? (status >> 8) & 0xFF : nil
            }
            usleep(1_000)
        }
        kill()
        return nil
    }

    var lastWords: [String] {
        guard let bytes = try? FileBytes.read(log) else { return [] }
        return String(decoding: bytes.suffix(8_192), as: UTF8.self).split(separator: "\n").suffix(12).map(String.init)
    }

    /// How it ended; nil if it runs.
    private func ended() -> String? {
        var status: Int32 = 0
        guard waitpid(processID, &status, WNOHANG) == processID else { return nil }
        processID = 0
        let signal = status & 0x7F
        return signal == 0 ? "it ended with exit code \((status >> 8) & 0xFF)" : "signal \(signal) ended it"
    }
}

extension DaemonTarget {
    private func spawn() throws(LoadFailure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        // A group of its own: an interruption from the terminal is this process's to deal with.
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var processID: pid_t = 0
        let code = Self.withCStrings([program] + arguments) { argumentList in
            Self.withCStrings(Self.environment) { environmentList in
                posix_spawn(&processID, program, &actions, &attributes, argumentList, environmentList)
            }
        }
        guard code == 0 else { throw .unreachable("\(program) cannot be started: \(SystemFault("spawn", code: code))") }
        return processID
    }

    /// This process's environment without what would be settings of the daemon.
    private static var environment: [String] {
        guard let bytes = try? FileBytes.read("/proc/self/environ") else { return [] }
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            .filter { !$0.hasPrefix("MINTMARK_") }
    }

    private static func withCStrings<Value>(
        _ strings: [String],
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Value
    ) -> Value {
        let list = UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
        defer {
            for string in list { free(string) }
            list.deallocate()
        }
        for (index, string) in strings.enumerated() { list.initializeElement(at: index, to: strdup(string)) }
        list.initializeElement(at: strings.count, to: nil)
        guard let base = list.baseAddress else { preconditionFailure("a list of at least one has an address") }
        return body(base)
    }
}
