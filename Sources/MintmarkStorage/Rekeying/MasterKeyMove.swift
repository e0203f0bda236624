package import MintmarkCrypto
import MintmarkSessions

/// The end of a rekeying, whoever comes to it: the rekeying itself, or the start after one that was stopped.
package enum MasterKeyMove {
    /// What a stopped rekeying had come to.
    package enum Outcome: Equatable, Sendable {
        /// The next key did not count yet; its file is removed.
        case undone
        /// The next key counted already; its file is the key's file now.
        case finished
    }

    /// The path of `master.key.next`, by that of `master.key`.
    package static func nextKeyPath(_ path: String) -> String {
        path + StoreFiles.nextMasterKey.dropFirst(StoreFiles.masterKey.count)
    }

    /// Finds out which of two master keys opens the store, and ends the rekeying accordingly: `master.key.next` becomes
    /// `master.key`, or is removed. Where neither opens it, nothing is changed.
    ///
    /// The directory must be locked.
    ///
    /// - Parameters:
    ///   - current: what `master.key` holds; nil when there is none.
    ///   - next: what `master.key.next` holds.
    package static func settle(
        in directory: any StorageDirectory,
        current: SecretBytes?,
        next: SecretBytes
    ) throws(RecoveryFailure) -> Outcome {
        let names = try recovering { () throws(StorageFault) in try directory.list() }
        guard names.contains(where: StoreFiles.isPart) else {
            try undo(in: directory)
            return .undone
        }
        guard names.contains(StoreFiles.manifest) else { throw RecoveryFailure(StoreFiles.manifest, .withoutManifest) }
        var failure: RecoveryFailure?
        if let current {
            do throws(RecoveryFailure) {
                _ = try StoreReader.manifest(in: directory, master: current)
                try undo(in: directory)
                return .undone
            } catch {
                failure = error
            }
        }
        let manifest: StoreManifest
        do throws(RecoveryFailure) {
            (manifest, _) = try StoreReader.manifest(in: directory, master: next)
        } catch {
            throw failure ?? error
        }
        try recovering { () throws(StorageFault) in
            try finish(in: directory)
            try directory.removeUnneeded(beside: manifest)
        }
        return .finished
    }

    /// Whether `key` is the one that the store was written under.
    package static func isCurrent(_ key: SecretBytes, in directory: any StorageDirectory) -> Bool {
        (try? StoreReader.manifest(in: directory, master: key)) != nil
    }

    private static func undo(in directory: any StorageDirectory) throws(RecoveryFailure) {
        try recovering { () throws(StorageFault) in
            try directory.remove(StoreFiles.nextMasterKey)
            try directory.synchronize()
        }
    }

    /// Makes `master.key.next` the key's file, durably.
    static func finish(in directory: any StorageDirectory) throws(StorageFault) {
        // After a kill the system may show a manifest that the disk does not hold yet.
        try directory.synchronize()
        try directory.rename(StoreFiles.nextMasterKey, to: StoreFiles.masterKey)
        try directory.synchronize()
    }
}
