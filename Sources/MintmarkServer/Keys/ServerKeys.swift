import MintmarkCrypto
import MintmarkStorage

/// The daemon's long-lived secrets, from its data directory or from where the configuration says.
///
/// What is missing at its default place is made there on the first start; what is configured elsewhere must exist.
struct ServerKeys {
    /// Signs access tokens.
    let signingKey: Ed25519SigningKey
    /// The keys of refresh tokens and of everything on the disk are derived from it.
    let masterKey: SecretBytes

    enum Fault: Error, CustomStringConvertible {
        case file(SecretFile.Fault)
        case signingKey(path: String, KeyFileError)
        case masterKeySize(path: String, bytes: Int)
        /// The directory holds a store that was written under a key which is not there.
        case masterKeyLost(path: String)
        case directory(RecoveryFailure)

        var description: String {
            switch self {
            case .file(let fault):
                "\(fault)"
            case .signingKey(let path, let error):
                "\(path): \(Self.explanation(of: error))"
            case .masterKeyLost(let path):
                "\(path): no such file, and a new key would not open the sessions that are kept here; put it back"
            case .directory(let failure):
                "\(failure)"
            case .masterKeySize(let path, let bytes):
                "\(path) has \(bytes) bytes; a master key has \(KeyDerivation.masterByteCount)"
            }
        }

        init(_ fault: MasterKeyFile.Fault) {
            self =
                switch fault {
                case .file(let fault): .file(fault)
                case .size(let path, let bytes): .masterKeySize(path: path, bytes: bytes)
                }
        }

        /// How the daemon ends for it.
        var exitCode: Int32 {
            switch self {
            case .masterKeyLost, .directory: DaemonFailure.storeExitCode
            case .file, .signingKey, .masterKeySize: DaemonFailure.failureExitCode
            }
        }

        private static func explanation(of error: KeyFileError) -> String {
            switch error {
            case .tooLong: "too long for a key file"
            case .notPEM: "not one PEM block"
            case .wrongContent: "no private key"
            case .wrongAlgorithm: "not an Ed25519 key; make one with: openssl genpkey -algorithm ed25519"
            case .passphraseNeeded: "encrypted; name its passphrase's file in tokens.signing_key_passphrase_file"
            case .wrongPassphrase: "the passphrase does not open it"
            case .unsupportedEncryption: "encrypted in a way that is not supported"
            case .malformed: "malformed"
            }
        }
    }

    /// Where the secrets are. A nil path means the default place in `directory`, where a missing key is made.
    init(
        directory: borrowing DataDirectory,
        disk: any StorageDirectory,
        tokens: Configuration.Tokens,
        sessions: Configuration.Sessions,
        random: some RandomSource
    ) throws(Fault) {
        signingKey = try Self.signingKey(
            tokens.signingKeyFile,
            passphraseFile: tokens.signingKeyPassphraseFile,
            isMadeWhenMissing: tokens.signingKeyFile == directory.file("signing-key.pem"),
            random: random
        )
        masterKey = try Self.masterKey(
            sessions.masterKeyFile,
            isDefault: sessions.masterKeyFile == directory.file(StoreFiles.masterKey),
            disk: disk,
            random: random
        )
    }

    private static func signingKey(
        _ path: String,
        passphraseFile: String?,
        isMadeWhenMissing: Bool,
        random: some RandomSource
    ) throws(Fault) -> Ed25519SigningKey {
        let passphrase = try passphraseFile.map { (path) throws(Fault) in try Self.passphrase(path) }
        let file = try read(path, isMadeWhenMissing: isMadeWhenMissing) { () throws(KeyFileError) in
            let key = Ed25519SigningKey(random: random)
            guard let passphrase else {
                return KeyFile.write(key)
            }
            return try KeyFile.write(key, passphrase: passphrase, random: random)
        }
        do throws(KeyFileError) {
            return try file.withBytes { (bytes) throws(KeyFileError) in
                try KeyFile.readPrivateKey(bytes, passphrase: passphrase)
            }
        } catch {
            throw .signingKey(path: path, error)
        }
    }

    private static func masterKey(
        _ path: String,
        isDefault: Bool,
        disk: any StorageDirectory,
        random: some RandomSource
    ) throws(Fault) -> SecretBytes {
        if isDefault {
            try endRekeying(path, disk)
        }
        let isMadeWhenMissing: Bool
        do throws(RecoveryFailure) {
            // A mount that is missing must not make a new key over a store.
            let mayMake = try StoreOpening.mayMakeMasterKey(in: disk)
            isMadeWhenMissing = isDefault && mayMake
        } catch {
            throw .directory(error)
        }
        let key: SecretBytes
        do throws(Fault) {
            key = try read(path, isMadeWhenMissing: isMadeWhenMissing) {
                SecretBytes(count: KeyDerivation.masterByteCount, random: random)
            }
        } catch {
            guard isDefault, case .file(.missing) = error else { throw error }
            throw .masterKeyLost(path: path)
        }
        guard key.count == KeyDerivation.masterByteCount else {
            throw .masterKeySize(path: path, bytes: key.count)
        }
        return key
    }

    /// Ends a rekeying that was stopped, if there was one: afterwards the file at `path` holds the key that counts.
    private static func endRekeying(_ path: String, _ disk: any StorageDirectory) throws(Fault) {
        let next: SecretBytes?
        let current: SecretBytes?
        do throws(MasterKeyFile.Fault) {
            next = try MasterKeyFile.readIfPresent(MasterKeyMove.nextKeyPath(path))
            current = try MasterKeyFile.readIfPresent(path)
        } catch {
            throw Fault(error)
        }
        guard let next else { return }
        do throws(RecoveryFailure) {
            _ = try MasterKeyMove.settle(in: disk, current: current, next: next)
        } catch {
            throw .directory(error)
        }
    }

    /// The passphrase is the file's first line.
    private static func passphrase(_ path: String) throws(Fault) -> SecretBytes {
        let file = try read(path, isMadeWhenMissing: false) { preconditionFailure("passphrases are never made") }
        return file.withBytes { bytes in
            var count = 0
            while count < bytes.byteCount, bytes.unsafeLoad(fromByteOffset: count, as: UInt8.self) != 0x0A {
                count += 1
            }
            // An empty first line is an empty passphrase, which opens nothing; secrets have one byte at least.
            let length = max(count, 1)
            return SecretBytes(count: length) { region in
                bytes.extracting(0..<length).withUnsafeBytes { region.copyMemory(from: $0) }
            }
        }
    }

    /// Reads a secret file, after making it when it is missing and may be made.
    private static func read(
        _ path: String,
        isMadeWhenMissing: Bool,
        make: () throws(KeyFileError) -> SecretBytes
    ) throws(Fault) -> SecretBytes {
        do throws(SecretFile.Fault) {
            return try SecretFile.read(path)
        } catch {
            guard case .missing = error, isMadeWhenMissing else {
                throw .file(error)
            }
        }
        let secret: SecretBytes
        do throws(KeyFileError) {
            secret = try make()
        } catch {
            throw .signingKey(path: path, error)
        }
        do throws(SecretFile.Fault) {
            // Whoever lost a race against another process reads what that one made.
            _ = try SecretFile.create(path, secret)
            return try SecretFile.read(path)
        } catch {
            throw .file(error)
        }
    }
}
