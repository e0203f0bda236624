import ArgumentParser
import Glibc
import MintmarkProgram
import MintmarkServer

/// `mintmarkd`: the token sidecar.
@main
struct Mintmarkd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mintmarkd",
        abstract: "Signs, verifies and refreshes tokens for the services beside it.",
        discussion: """
            Without any option it listens on 127.0.0.1:7420, keeps its keys in a directory of its user, and serves.
            Settings come from flags, then MINTMARK_… environment variables, then the file given with --config. \
            MINTMARK_UNIX tells the daemon where to listen, and mintmark where to ask.

            SIGTERM and SIGINT stop it when every request that it has accepted is answered, or limits.shutdown_timeout \
            is over; a second one cuts the connections that are left. Nothing that was answered is lost either way. \
            SIGHUP makes it read its configuration again, from the same flags, environment and file; when anything in \
            it is wrong, everything stays as it was. A terminal that hangs up does the same and stops nothing, with or \
            without nohup.

            Under systemd (Type=notify, or notify-reload from 253 on) it tells when it is ready, reloads and stops, and \
            feeds the watchdog while its event loops answer.

            Examples:
              mintmarkd --data-dir ./mintmark --listen 127.0.0.1:7420
              mintmarkd --config /etc/mintmark/mintmark.yaml --check-config
              mintmarkd --threads 4 --print-config

            Exit codes:
            \(DaemonExit.table(indent: 2))
            """,
        version: Daemon.build,
        subcommands: [CheckCommand.self, RekeyCommand.self]
    )

    @Option(help: ArgumentHelp("Read settings from this YAML file.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Listen on this address; repeatable. Port 0 picks a free one.", valueName: "host:port"))
    var listen: [String] = []

    @Option(
        help: ArgumentHelp(
            "Listen on this address with TLS; repeatable. The file of --config names the certificates.",
            valueName: "host:port"
        )
    )
    var tlsListen: [String] = []

    @Option(
        help: ArgumentHelp(
            "Whether other machines may reach listeners without TLS or without known callers: refuse, allow.",
            valueName: "word"
        )
    )
    var insecureListeners: String?

    @Option(help: ArgumentHelp("Listen on this Unix socket.", valueName: "path"))
    var unix: String?

    @Option(
        help: ArgumentHelp(
            """
            Serve a status page, health, metrics and public keys over HTTP on this address, or off. \
            (default: 127.0.0.1:7421)
            """,
            valueName: "host:port"
        )
    )
    var admin: String?

    @Option(help: ArgumentHelp("Keep keys and sessions here.", valueName: "directory"))
    var dataDir: String?

    @Option(help: ArgumentHelp("The iss claim of every token.", valueName: "url"))
    var issuer: String?

    @Option(help: ArgumentHelp("Event loops; one for each processor by default.", valueName: "number"))
    var threads: String?

    @Option(help: ArgumentHelp("Write addresses and process id here, as JSON, when ready.", valueName: "path"))
    var readyFile: String?

    @Option(
        help: ArgumentHelp(
            "When answers that tell of a change leave: always (synced), interval:T (written), snapshot (at once).",
            valueName: "mode"
        )
    )
    var durability: String?

    @Option(help: ArgumentHelp("From one snapshot to the next, such as 5m.", valueName: "duration"))
    var snapshotInterval: String?

    @Flag(help: "Check the configuration and its files of TLS, say what is wrong with them, and exit.")
    var checkConfig = false

    @Flag(help: "Print every setting with its value and where that comes from, and exit.")
    var printConfig = false

    @Flag(help: "Print the same as one JSON object, and exit.")
    var printConfigJson = false

    @Flag(help: "Print what every setting means, its values and its default, as Markdown, and exit.")
    var printSettings = false

    @Flag(help: "Print what every metric means, and its labels, as Markdown, and exit.")
    var printMetrics = false

    /// Of which only the daemon itself takes options before others.
    private static let tree = CommandTree(
        "mintmarkd",
        configuration.subcommands.map { CommandTree($0.configuration.commandName ?? "") },
        takesOptions: true
    )

    static func main() async {
        if let mistake = tree.mistake(in: Array(CommandLine.arguments.dropFirst())) {
            let text = """
                Error: \(mistake.complaint(naming: mistake.argument.printable))
                Usage: mintmarkd [options] [subcommand]
                  See 'mintmarkd --help' for more information.
                """
            end(text, STDERR_FILENO, DaemonExit.usage.rawValue)
        }
        do {
            switch try parseAsRoot() {
            case let command as Self: try await command.start()
            case let command as CheckCommand: end(try command.result())
            case let command as RekeyCommand: end(try command.result())
            // The request for help has a command of its own.
            case var command: try command.run()
            }
        } catch let failure as DaemonEnd {
            tell(failure.text, STDERR_FILENO)
            Glibc.exit(failure.exitCode)
        } catch let failure as DaemonFailure {
            end("mintmarkd: \(failure.message)", STDERR_FILENO, failure.exitCode)
        } catch {
            // ArgumentParser reports requests for help and the version as errors, too.
            let code = DaemonExit(parserCode: exitCode(for: error).rawValue)
            end(fullMessage(for: error), code == .stopped ? STDOUT_FILENO : STDERR_FILENO, code.rawValue)
        }
    }

    private static func end(_ result: OfflineResult) -> Never {
        tell(result.text, STDOUT_FILENO)
        Glibc.exit(result.exitCode)
    }

    private static func end(_ message: String, _ descriptor: Int32, _ code: Int32) -> Never {
        tell("\(message)\n", descriptor)
        Glibc.exit(code)
    }

    /// Writes at once. What cannot be written cannot be told either.
    static func tell(_ text: String, _ descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(0, count))
        }
    }

    private func start() async throws {
        guard !printSettings else {
            print(Settings.referenceDocument, terminator: "")
            return
        }
        guard !printMetrics else {
            print(ServerMetric.referenceDocument, terminator: "")
            return
        }
        let arguments = ConfigurationArguments(
            config: config,
            listen: listen,
            tlsListen: tlsListen,
            insecureListeners: insecureListeners,
            unix: unix,
            admin: admin,
            dataDirectory: dataDir,
            issuer: issuer,
            threads: threads,
            readyFile: readyFile,
            durability: durability,
            snapshotInterval: snapshotInterval
        )
        guard !printConfig && !printConfigJson else {
            let configuration = try Daemon.configuration(from: arguments)
            print(printConfigJson ? configuration.summaryAsJSON : configuration.summary, terminator: "")
            return
        }
        guard !checkConfig else {
            print(try Daemon.check(arguments), terminator: "")
            return
        }
        try await Daemon.run(arguments)
    }
}
