import MintmarkCrypto
import MintmarkStorage

/// Reads the master key, or makes it where there is nothing yet that one was needed for.
struct MasterKeySource {
    let path: String
    /// Whether it lies at its default place.
    let isDefault: Bool
    let disk: any StorageDirectory

    /// What a rekeying that was stopped leaves to be done; nil without one.
    struct Found {
        let key: SecretBytes
        let move: MasterKeyMove.Decision?
    }

    func read(random: some RandomSource) throws(ServerKeys.Fault) -> Found {
        let stopped = isDefault ? try stoppedRekeying() : nil
        let key: SecretBytes
        if let stopped, stopped.move.outcome == .finished {
            key = stopped.next
        } else {
            key = try readOrMake(random: random)
        }
        guard key.count == KeyDerivation.masterByteCount else {
            throw .masterKeySize(path: path, bytes: key.count)
        }
        return Found(key: key, move: stopped?.move)
    }

    private func readOrMake(random: some RandomSource) throws(ServerKeys.Fault) -> SecretBytes {
        let mayMake: Bool
        do throws(RecoveryFailure) {
            // A mount that is missing must not make a new key over a store.
            mayMake = try StoreOpening.mayMakeMasterKey(in: disk)
        } catch {
            throw .directory(error)
        }
        do throws(SecretFile.Fault) {
            return try SecretFile.read(path)
        } catch {
            guard case .missing = error, isDefault || mayMake else { throw .file(error) }
            guard isDefault else { throw .masterKeyUnmade(path: path) }
            guard mayMake else { throw .masterKeyLost(path: path) }
        }
        do throws(SecretFile.Fault) {
            // Whoever lost a race against another process reads what that one made.
            _ = try SecretFile.create(path, SecretBytes(count: KeyDerivation.masterByteCount, random: random))
            return try SecretFile.read(path)
        } catch {
            throw .file(error)
        }
    }

    /// A rekeying that was stopped, if there was one, and the key that it was moving to.
    private func stoppedRekeying() throws(ServerKeys.Fault) -> (move: MasterKeyMove.Decision, next: SecretBytes)? {
        let next: SecretBytes?
        let current: SecretBytes?
        do throws(MasterKeyFile.Fault) {
            next = try MasterKeyFile.readIfPresent(MasterKeyMove.nextKeyPath(path))
            current = try MasterKeyFile.readIfPresent(path)
        } catch {
            throw ServerKeys.Fault(error)
        }
        guard let next else { return nil }
        do throws(RecoveryFailure) {
            return (try MasterKeyMove.decide(in: disk, current: current, next: next), next)
        } catch {
            throw .directory(error)
        }
    }
}
