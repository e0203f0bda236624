import MintmarkCrypto
import MintmarkStorage
import MintmarkTokens

/// The daemon's long-lived secrets, from its data directory or from where the configuration says.
///
/// What is missing at its default place is made there on the first start; what is configured elsewhere must exist. Where
/// there is a store nothing is changed before ``settle()``.
struct ServerKeys {
    /// The keys of refresh tokens and of everything on the disk are derived from it.
    let masterKey: SecretBytes
    /// Where secrets are that settings name.
    let place: SecretPlace
    private let disk: any SecretDirectory
    private let move: MasterKeyMove.Decision?
    private let signingKeys: KeyStoreOpening
    /// Of signing keys. Nil: it is to be made.
    private let keyDirectory: DiskDirectory?
    private let keyDirectoryPath: String

    enum Fault: Error, CustomStringConvertible {
        case file(SecretFile.Fault)
        case signingKey(path: String, KeyFileError)
        case masterKeySize(path: String, bytes: Int)
        /// The settings name a file that is not there; nothing is kept yet that it would have to open.
        case masterKeyUnmade(path: String)
        /// The directory holds a store that was written under a key which is not there.
        case masterKeyLost(path: String)
        case directory(RecoveryFailure)
        case keyDirectory(DataDirectory.Fault)
        case signingKeys(KeyStoreFailure)
        /// A credential is named, and the service manager has passed none.
        case noCredentials(name: String)

        var description: String {
            switch self {
            case .file(let fault):
                "\(fault)"
            case .signingKey(let path, let error):
                "\(path): \(error.explanation)"
            case .masterKeyLost(let path):
                "\(path): no such file, and a new key would not open the sessions that are kept here; put it back"
            case .masterKeyUnmade(let path):
                "\(path): no such file, and sessions.master_key_file names it; to make one: "
                    + "(umask 077; head -c \(KeyDerivation.masterByteCount) /dev/urandom > \(ShellText.quoted(path)))"
            case .directory(let failure):
                "\(failure)"
            case .masterKeySize(let path, let bytes):
                "\(path) has \(bytes) bytes; a master key has \(KeyDerivation.masterByteCount)"
            case .keyDirectory(let fault):
                "the directory of signing keys cannot be used: \(fault)"
            case .signingKeys(let failure):
                "the signing keys cannot be used: \(failure)"
            case .noCredentials(let name):
                "\(SecretPlace.credentialPrefix)\(name): no credentials were passed ($CREDENTIALS_DIRECTORY is not set)"
            }
        }

        init(_ fault: MasterKeyFile.Fault) {
            self =
                switch fault {
                case .file(let fault): .file(fault)
                case .size(let path, let bytes): .masterKeySize(path: path, bytes: bytes)
                }
        }

        /// Whether the words leave open what is damaged, and whether it is the key that does not fit.
        var isUnexplained: Bool {
            switch self {
            case .directory(let failure): failure.isUnexplained
            case .signingKeys(.ledger): true
            default: false
            }
        }

        /// How the daemon ends for it.
        var exit: DaemonExit {
            switch self {
            case .masterKeyLost, .directory, .signingKeys(.ledger), .signingKeys(.ledgerMissing),
                .signingKeys(.activeKeyMissing):
                .store
            case .file, .signingKey, .masterKeySize, .masterKeyUnmade, .keyDirectory, .signingKeys, .noCredentials:
                .keys
            }
        }
    }

    /// - Parameters:
    ///   - credentials: the directory of the service manager's credentials.
    ///   - now: seconds since 1970.
    init(
        directory: borrowing DataDirectory,
        disk: any SecretDirectory,
        configuration: Configuration,
        credentials: String?,
        now: UInt64,
        random: some RandomSource
    ) throws(Fault) {
        place = SecretPlace(credentials: credentials)
        let sessions = configuration.sessions
        self.disk = disk
        let master = try MasterKeySource(
            path: try place.path(sessions.masterKeyFile),
            isDefault: sessions.masterKeyFile == directory.file(StoreFiles.masterKey),
            disk: disk
        ).read(random: random)
        masterKey = master.key
        move = master.move
        keyDirectoryPath = configuration.keys.directory
        do throws(DataDirectory.Fault) {
            keyDirectory = try KeyDirectory.openIfPresent(
                keyDirectoryPath,
                isOurs: keyDirectoryPath == directory.file(StoreFiles.keyDirectory)
            )
        } catch {
            throw .keyDirectory(error)
        }
        let named = try Self.namedKey(configuration.tokens, place)
        let settings = try Self.settings(configuration, place)
        do throws(KeyStoreFailure) {
            signingKeys = try KeyStoreOpening(
                data: disk,
                keys: keyDirectory,
                master: masterKey,
                named: named,
                settings: settings,
                now: now
            )
        } catch {
            throw .signingKeys(error)
        }
    }

    /// Makes and changes what is to be made and changed, durably. To be called when nothing stands against going on from
    /// what is in the directory.
    ///
    /// - Returns: the keys that sign access tokens.
    func settle(random: some RandomSource) throws(Fault) -> KeyStore {
        do throws(RecoveryFailure) {
            try move?.carryOut(in: disk)
        } catch {
            throw .directory(error)
        }
        let keys: DiskDirectory
        do throws(DataDirectory.Fault) {
            // Only our own can be missing.
            keys =
                if let keyDirectory {
                    keyDirectory
                } else {
                    try KeyDirectory.open(keyDirectoryPath, isOurs: true)
                }
        } catch {
            throw .keyDirectory(error)
        }
        do throws(KeyStoreFailure) {
            return try signingKeys.finish(
                KeyStore.Files(data: disk, keys: keys, master: masterKey),
                random: random
            )
        } catch {
            throw .signingKeys(error)
        }
    }

    /// What the configuration says of signing keys.
    static func settings(
        _ configuration: Configuration,
        _ place: SecretPlace
    ) throws(Fault) -> KeyStore.Settings {
        let file = configuration.keys.passphraseFile ?? configuration.tokens.signingKeyPassphraseFile
        let longest = configuration.clients.values.map(\.accessTokenTTL).max() ?? .zero
        let policy = KeyPolicy(
            rotationSeconds: configuration.keys.rotation.map { UInt64($0.wholeSeconds) },
            publicationSeconds: UInt64(configuration.keys.publication.wholeSeconds),
            tokenLifetimeSeconds: UInt32(clamping: longest.wholeSeconds)
        )
        return KeyStore.Settings(
            policy: policy,
            algorithm: configuration.tokens.algorithm == .edDSA ? .edDSA : .ed25519,
            passphrase: try file.map { (file) throws(Fault) in try place.passphrase(file) }
        )
    }

    private static func namedKey(
        _ tokens: Configuration.Tokens,
        _ place: SecretPlace
    ) throws(Fault) -> KeyStore.Named {
        let passphrase = try tokens.signingKeyPassphraseFile.map { (file) throws(Fault) in try place.passphrase(file) }
        guard tokens.isSigningKeyProvided else { return .usual(passphrase: passphrase) }
        let path = try place.path(tokens.signingKeyFile)
        let file = try place.read(tokens.signingKeyFile)
        do throws(KeyFileError) {
            return .file(
                try file.withBytes { (bytes) throws(KeyFileError) in
                    try KeyFile.readPrivateKey(bytes, passphrase: passphrase)
                }
            )
        } catch {
            throw .signingKey(path: path, error)
        }
    }
}
