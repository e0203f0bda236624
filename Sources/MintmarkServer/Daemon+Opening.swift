import MintmarkCrypto
import MintmarkStorage

/// Everything that a start opens and that can be refused: why, and with which exit code.
extension Daemon {
    /// Tries what a start and a reload begin with, and changes nothing: the configuration, and the files of TLS.
    ///
    /// - Returns: That all is well, and what the daemon would warn of; a line each.
    package static func check(_ arguments: ConfigurationArguments) throws(DaemonFailure) -> String {
        let configuration = try configuration(from: arguments)
        var verdict = "The configuration is valid. Files and addresses that it names were not tried."
        if let tls = configuration.tls {
            _ = try loadTLS(tls)
            verdict = "The configuration is valid, and so are its files of TLS. Nothing else was tried."
        }
        let warnings = configuration.warnings.map { "Warning: \($0)." }
        return ([verdict] + warnings).map { $0 + "\n" }.joined()
    }

    static func socketLoops(_ count: Int) throws(DaemonFailure) -> SocketLoopGroup {
        do throws(SocketFault) {
            return try SocketLoopGroup(count: count)
        } catch {
            throw DaemonFailure(
                "cannot make an event loop: \(error); choose fewer threads, or raise the limit on open files"
            )
        }
    }

    static func openDataDirectory(_ configuration: Configuration) throws(DaemonFailure) -> DataDirectory {
        do throws(DataDirectory.Fault) {
            return try DataDirectory(path: configuration.dataDirectory)
        } catch {
            var advice = ""
            if case .inUse = error { advice = ", or name another directory" }
            throw DaemonFailure(
                "the data directory (data_directory, --data-dir) cannot be used: \(error)\(advice)",
                .directory
            )
        }
    }

    static func openDisk(_ directory: borrowing DataDirectory) throws(DaemonFailure) -> DiskDirectory {
        do throws(DataDirectory.Fault) {
            return try directory.disk()
        } catch {
            throw DaemonFailure("the data directory (data_directory, --data-dir) cannot be used: \(error)", .directory)
        }
    }

    static func loadKeys(
        _ configuration: Configuration,
        _ directory: borrowing DataDirectory,
        _ disk: DiskDirectory
    ) throws(DaemonFailure) -> ServerKeys {
        do throws(ServerKeys.Fault) {
            return try ServerKeys(
                directory: directory,
                disk: disk,
                configuration: configuration,
                credentials: ProcessFacts.environment["CREDENTIALS_DIRECTORY"],
                now: ServerClock.wallMilliseconds / 1_000,
                random: SystemRandom()
            )
        } catch {
            throw .store("\(error)", error.exit, isUnexplained: error.isUnexplained, configuration)
        }
    }

    /// A log that is configured and cannot be written keeps the server from starting.
    static func openAuditFile(_ path: String) throws(DaemonFailure) -> AuditFile {
        do throws(AuditFault) {
            return try AuditFile(path: path)
        } catch {
            throw DaemonFailure("the audit log (audit_file) cannot be written: \(error)", .audit)
        }
    }

    static func loadTLS(_ tls: Configuration.TLS) throws(DaemonFailure) -> TLSSource {
        let wallSeconds = { @Sendable in ServerClock.wallMilliseconds / 1_000 }
        do throws(TLSFiles.Fault) {
            return TLSSource(try TLSFiles.load(tls, atSeconds: Int64(wallSeconds())), wallSeconds: wallSeconds)
        } catch {
            throw DaemonFailure(
                "the files of TLS (tls.certificate, tls.private_key, tls.client_ca) cannot be used: \(error)",
                .tls
            )
        }
    }
}
