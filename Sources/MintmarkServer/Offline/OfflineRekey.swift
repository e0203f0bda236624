import Glibc
import MintmarkCrypto
import MintmarkStorage

/// `mintmarkd rekey`: moves a stopped store to another master key.
package enum OfflineRekey {
    /// - Parameters:
    ///   - masterKeyFile: the present key; nil: it lies in the directory.
    ///   - newKeyFile: the new key; nil: one is made in the directory, which must be where the present one lies.
    package static func run(
        _ path: String,
        masterKeyFile: String?,
        to newKeyFile: String?
    ) throws(DaemonFailure) -> OfflineResult {
        let directory = OfflineDirectory(path, masterKeyFile: masterKeyFile)
        guard directory.masterKeyFile == nil || newKeyFile != nil else {
            throw DaemonFailure(
                "the master key lies outside of the data directory; say with --to where the new one lies",
                exitCode: DaemonFailure.usageExitCode
            )
        }
        let disk = try directory.lock()
        if directory.masterKeyFile == nil, let ended = try endStopped(directory, disk), newKeyFile == nil {
            return OfflineResult(text: ended, exitCode: OfflineExit.sound)
        }
        try checkKeyLedger(disk)
        let current = try key(directory.keyPath)
        let target = try newKeyFile.map { (file) throws(DaemonFailure) in
            Rekeying.Target.elsewhere(try key(file))
        }
        let outcome = try rekey(disk, current: current, target ?? .directory, newKeyFile)
        guard let outcome else {
            return OfflineResult(
                text: "An earlier rekeying has done it already: the store opens with \(newKeyFile ?? "").\n",
                exitCode: OfflineExit.sound
            )
        }
        return OfflineResult(text: text(outcome, directory, newKeyFile), exitCode: OfflineExit.sound)
    }

    /// One that is missing comes back from a copy, which was written under the present master key: first that, then another.
    private static func checkKeyLedger(_ disk: DiskDirectory) throws(DaemonFailure) {
        do throws(KeyStoreFailure) {
            try KeyStoreOpening.checkThatLedgerIsThere(in: disk)
        } catch {
            throw DaemonFailure("\(error); nothing was changed", exitCode: OfflineExit.unusable)
        }
    }

    private static func key(_ path: String) throws(DaemonFailure) -> SecretBytes {
        do throws(MasterKeyFile.Fault) {
            return try MasterKeyFile.read(path)
        } catch {
            throw DaemonFailure("\(error)", exitCode: OfflineExit.unusable)
        }
    }

    /// Ends a rekeying that was stopped. Gives what to say when the new key counted already: then all is done.
    private static func endStopped(
        _ directory: OfflineDirectory,
        _ disk: DiskDirectory
    ) throws(DaemonFailure) -> String? {
        let next: SecretBytes?
        let current: SecretBytes?
        do throws(MasterKeyFile.Fault) {
            next = try MasterKeyFile.readIfPresent(MasterKeyMove.nextKeyPath(directory.keyPath))
            current = try MasterKeyFile.readIfPresent(directory.keyPath)
        } catch {
            throw DaemonFailure("\(error)", exitCode: OfflineExit.unusable)
        }
        guard let next else { return nil }
        do throws(RecoveryFailure) {
            let outcome = try MasterKeyMove.settle(in: disk, current: current, next: next)
            guard outcome == .finished else { return nil }
            return "A rekeying that had been stopped behind its last step is finished: the new key is in "
                + "\(StoreFiles.masterKey).\n"
        } catch {
            throw DaemonFailure("\(error)", exitCode: OfflineExit.unusable)
        }
    }

    /// Nil: the store opens with the new key already.
    private static func rekey(
        _ disk: DiskDirectory,
        current: SecretBytes,
        _ target: Rekeying.Target,
        _ newKeyFile: String?
    ) throws(DaemonFailure) -> Rekeying.Outcome? {
        let rekeying = Rekeying(
            disk,
            current: current,
            wallMilliseconds: ServerClock.wallMilliseconds,
            random: SystemRandom()
        )
        do throws(RekeyFailure) {
            return try rekeying.run(to: target)
        } catch {
            switch error {
            case .store(let failure):
                if case .elsewhere(let key) = target, MasterKeyMove.isCurrent(key, in: disk) { return nil }
                throw DaemonFailure("\(failure); nothing was changed", exitCode: OfflineExit.unusable)
            case .absent, .keysExhausted, .noEpoch, .signingKeys:
                throw DaemonFailure("\(error); nothing was changed", exitCode: OfflineExit.unusable)
            case .sameKey:
                throw DaemonFailure("\(error)", exitCode: DaemonFailure.usageExitCode)
            case .writing:
                throw DaemonFailure("\(error)\nThe store opens with one of both keys: run the same command again.")
            }
        }
    }

    private static func text(
        _ outcome: Rekeying.Outcome,
        _ directory: OfflineDirectory,
        _ newKeyFile: String?
    ) -> String {
        var lines = OfflineLines()
        if let cut = outcome.cut {
            lines.add("Torn end", "\(cut.byteCount) bytes of \(cut.file), kept in \(cut.keptIn)")
        }
        lines.add("Sessions", "\(outcome.sessions), in \(outcome.snapshotFile)")
        lines.add("Master key", "\(outcome.keyID), in \(newKeyFile ?? directory.keyPath)")
        lines.add("Token keys", "\(outcome.honouredKeys) honoured, \(outcome.retiredKeys) retired")
        var text = lines.text + "\nThe refresh tokens that are out go on working.\n"
        if let newKeyFile {
            text += "Name the new key to the daemon: sessions.master_key_file: \(absolute(newKeyFile))\n"
        }
        text += "Copy the new master key to a safe place: without it nothing in the directory can be read.\n"
        text += "Files that recovery or salvage has kept, and backups, still open with the old key only.\n"
        text +=
            outcome.isCleared
            ? "" : "Some files under the old key could not be removed; the daemon removes them later.\n"
        return text
    }

    /// As a configuration has to name it, whatever directory the daemon is started in.
    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        return String(cString: current) + "/" + path
    }
}
