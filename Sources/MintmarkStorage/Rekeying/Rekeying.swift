package import MintmarkCrypto
import MintmarkSessions

/// Moves a stopped store to another master key. The steps are in `Protocol/snapshot.md`, Rekeying.
///
/// The directory must be locked, and a rekeying that was stopped before must have been ended by ``MasterKeyMove``.
/// Whatever stops this one, the store opens with exactly one of both keys, and ``MasterKeyMove`` finds out which.
package struct Rekeying {
    /// The greatest id of a master key.
    package static let keyIDMax: UInt8 = .max

    let directory: any StorageDirectory
    let current: SecretBytes
    let wallMilliseconds: UInt64
    let random: any RandomSource

    /// Where the new key is kept.
    package enum Target {
        /// In the directory: it is made, and becomes `master.key`.
        case directory
        /// Elsewhere: this is it.
        case elsewhere(SecretBytes)
    }

    /// What was done.
    package struct Outcome: Equatable, Sendable {
        package var keyID: UInt8
        package var sessions: Int
        /// Keys of refresh tokens: those that are honoured now, the new one included, …
        package var honouredKeys: Int
        /// … and those that are not any more, because no session is left that could need them.
        package var retiredKeys: Int
        package var snapshotFile: String
        /// What recovery has cut off before; nil: nothing.
        package var cut: RecoveryReport.Cut?
        /// False: files that were written under the old key are still there, where nothing needs them.
        package var isCleared: Bool
    }

    package init(
        _ directory: any StorageDirectory,
        current: SecretBytes,
        wallMilliseconds: UInt64,
        random: any RandomSource
    ) {
        self.directory = directory
        self.current = current
        self.wallMilliseconds = wallMilliseconds
        self.random = random
    }

    package func run(to target: Target) throws(RekeyFailure) -> Outcome {
        let journal = FrozenJournal()
        let (store, recovered) = try recover(on: journal)
        let keyID = recovered.keys.id
        guard keyID < Self.keyIDMax else { throw .keysExhausted }
        let epoch = StoreEpoch.next(
            after: store.greatestEpoch,
            wallMilliseconds: wallMilliseconds,
            random: random
        )
        guard let epoch else { throw .noEpoch }
        let signingKeys = try KeyLedgerMove(in: directory, current: current)
        let next = try nextKey(target)
        let tokenKeys =
            TokenKeyRetirement(of: store).keys
            + [RefreshTokenKey(id: keyID + 1, firstEpoch: epoch, master: next)]
        try signingKeys.begin(to: next)
        let manifest = try write(store, on: journal, recovered, epoch, tokenKeys, next)
        var outcome = Outcome(
            keyID: keyID + 1,
            sessions: store.count,
            honouredKeys: tokenKeys.count(where: \.isHonoured),
            retiredKeys: tokenKeys.count { !$0.isHonoured },
            snapshotFile: StoreFiles.snapshot(manifest.snapshot.firstSegment),
            cut: recovered.report.cut,
            isCleared: true
        )
        if case .directory = target {
            try rekeying { () throws(StorageFault) in try MasterKeyMove.finish(in: directory) }
        }
        do throws(StorageFault) {
            try directory.removeUnneeded(beside: manifest)
        } catch {
            outcome.isCleared = false
        }
        try signingKeys.finish(to: next)
        return outcome
    }

    private func recover(on journal: FrozenJournal) throws(RekeyFailure) -> (SessionStore, RecoveredStore) {
        let opening: StoreOpening
        do throws(RecoveryFailure) {
            opening = try StoreOpening(directory, master: current)
        } catch {
            throw .store(error)
        }
        guard !opening.isNew else { throw .absent }
        do throws(RecoveryFailure) {
            let store = SessionStore.scratch(
                tokenKeys: opening.tokenKeys,
                epoch: opening.epoch,
                journal: journal,
                random: random
            )
            return (store, try opening.recover(into: store))
        } catch {
            throw .store(error)
        }
    }

    /// The key to move to, durable.
    private func nextKey(_ target: Target) throws(RekeyFailure) -> SecretBytes {
        switch target {
        case .elsewhere(let key):
            guard !MasterKeyMove.isCurrent(key, in: directory) else { throw .sameKey }
            return key
        case .directory:
            let key = SecretBytes(count: KeyDerivation.masterByteCount, random: random)
            try rekeying { () throws(StorageFault) in
                try key.withBytes { (bytes) throws(StorageFault) in
                    try directory.replace(StoreFiles.nextMasterKey, with: bytes)
                }
            }
            return key
        }
    }

    private func write(
        _ store: SessionStore,
        on journal: FrozenJournal,
        _ recovered: RecoveredStore,
        _ epoch: StoreEpoch,
        _ tokenKeys: [RefreshTokenKey],
        _ next: SecretBytes
    ) throws(RekeyFailure) -> StoreManifest {
        guard let storeID = recovered.manifest?.storeID else { throw .absent }
        let restart = StoreRestart(
            directory: directory,
            storeID: storeID,
            keys: StorageKeys(id: recovered.keys.id + 1, master: next),
            number: recovered.nextSegment,
            position: recovered.position,
            lastLSN: recovered.lastLSN,
            epoch: epoch,
            clocks: recovered.clocks,
            tokenKeys: tokenKeys,
            random: random
        )
        do throws(SnapshotFailure) {
            return try restart.write(store, on: journal)
        } catch {
            throw .writing(error)
        }
    }
}
