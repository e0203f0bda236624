import MintmarkCrypto
import MintmarkStorage

/// Where private halves of signing keys lie, as the arguments name it.
package struct OfflineSigningKeys: Sendable {
    /// What the daemon is told with `tokens.signing_key_file`; nil: it is told of none.
    private let file: String?
    /// What the daemon is told with `keys.directory`; nil: it is in the data directory.
    private let directory: String?

    package init(file: String?, directory: String?) {
        self.file = file
        self.directory = directory
    }

    func check(
        _ data: OfflineDirectory,
        _ disk: DiskDirectory,
        master: SecretBytes
    ) throws(DaemonFailure) -> KeyFindings {
        let keys: DiskDirectory?
        do throws(DataDirectory.Fault) {
            keys = try KeyDirectory.inspect(directory ?? "\(data.path)/\(StoreFiles.keyDirectory)")
        } catch {
            throw DaemonFailure(
                "the directory of signing keys cannot be used: \(error)",
                exitCode: OfflineExit.unusable
            )
        }
        guard keys != nil || directory == nil else {
            throw DaemonFailure("\(directory ?? ""): no such directory", exitCode: OfflineExit.unusable)
        }
        let named = try file.map { (file) throws(DaemonFailure) in KeyStore.Named.file(try Self.key(file)) }
        return KeyCheck.run(
            data: disk,
            keys: keys,
            master: master,
            named: named ?? .usual(passphrase: nil),
            now: ServerClock.wallMilliseconds / 1_000
        )
    }

    private static func key(_ path: String) throws(DaemonFailure) -> Ed25519SigningKey {
        let file: SecretBytes
        do throws(SecretFile.Fault) {
            file = try SecretFile.read(path)
        } catch {
            throw DaemonFailure("\(error)", exitCode: OfflineExit.unusable)
        }
        do throws(KeyFileError) {
            return try file.withBytes { (bytes) throws(KeyFileError) in
                try KeyFile.readPrivateKey(bytes, passphrase: nil)
            }
        } catch {
            throw DaemonFailure("\(path): \(error.explanation)", exitCode: OfflineExit.unusable)
        }
    }
}
