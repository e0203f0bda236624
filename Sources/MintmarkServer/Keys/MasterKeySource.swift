import MintmarkCrypto
import MintmarkStorage

/// Reads the master key, or makes it where there is nothing yet that one was needed for.
struct MasterKeySource {
    let path: String
    /// Whether it lies at its default place.
    let isDefault: Bool
    let disk: any StorageDirectory

    func read(random: some RandomSource) throws(ServerKeys.Fault) -> SecretBytes {
        if isDefault {
            try endRekeying()
        }
        let key = try readOrMake(random: random)
        guard key.count == KeyDerivation.masterByteCount else {
            throw .masterKeySize(path: path, bytes: key.count)
        }
        return key
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
            guard case .missing = error, isDefault else { throw .file(error) }
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

    /// Ends a rekeying that was stopped, if there was one: afterwards the file at `path` holds the key that counts.
    private func endRekeying() throws(ServerKeys.Fault) {
        let next: SecretBytes?
        let current: SecretBytes?
        do throws(MasterKeyFile.Fault) {
            next = try MasterKeyFile.readIfPresent(MasterKeyMove.nextKeyPath(path))
            current = try MasterKeyFile.readIfPresent(path)
        } catch {
            throw ServerKeys.Fault(error)
        }
        guard let next else { return }
        do throws(RecoveryFailure) {
            _ = try MasterKeyMove.settle(in: disk, current: current, next: next)
        } catch {
            throw .directory(error)
        }
    }
}
