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

    /// What there is to do about a rekeying that was stopped.
    package struct Decision: Sendable {
        package let outcome: Outcome
        /// The manifest that counts; nil where there is no store.
        private let manifest: StoreManifest?

        fileprivate init(_ outcome: Outcome, _ manifest: StoreManifest?) {
            self.outcome = outcome
            self.manifest = manifest
        }

        /// Ends the rekeying: `master.key.next` becomes `master.key`, or is removed.
        package func carryOut(in directory: any StorageDirectory) throws(RecoveryFailure) {
            try recovering { () throws(StorageFault) in
                switch outcome {
                case .undone:
                    try directory.remove(StoreFiles.nextMasterKey)
                    try directory.synchronize()
                case .finished:
                    try MasterKeyMove.finish(in: directory)
                    if let manifest {
                        try directory.removeUnneeded(beside: manifest)
                    }
                }
            }
        }
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
        let decision = try decide(in: directory, current: current, next: next)
        try decision.carryOut(in: directory)
        return decision.outcome
    }

    /// The first half of ``settle(in:current:next:)``, which changes nothing.
    package static func decide(
        in directory: any StorageDirectory,
        current: SecretBytes?,
        next: SecretBytes
    ) throws(RecoveryFailure) -> Decision {
        let names = try recovering { () throws(StorageFault) in try directory.list() }
        guard names.contains(where: StoreFiles.isTrace) else { return Decision(.undone, nil) }
        guard names.contains(StoreFiles.manifest) else { throw RecoveryFailure(StoreFiles.manifest, .withoutManifest) }
        var failure: RecoveryFailure?
        if let current {
            do throws(RecoveryFailure) {
                return Decision(.undone, try StoreReader.manifest(in: directory, master: current).0)
            } catch {
                failure = error
            }
        }
        do throws(RecoveryFailure) {
            return Decision(.finished, try StoreReader.manifest(in: directory, master: next).0)
        } catch {
            throw failure ?? error
        }
    }

    /// Whether `key` is the one that the store was written under.
    package static func isCurrent(_ key: SecretBytes, in directory: any StorageDirectory) -> Bool {
        (try? StoreReader.manifest(in: directory, master: key)) != nil
    }

    /// Makes `master.key.next` the key's file, durably.
    static func finish(in directory: any StorageDirectory) throws(StorageFault) {
        // After a kill the system may show a manifest that the disk does not hold yet.
        try directory.synchronize()
        try directory.rename(StoreFiles.nextMasterKey, to: StoreFiles.masterKey)
        try directory.synchronize()
    }
}
