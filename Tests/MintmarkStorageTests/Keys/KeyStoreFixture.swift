import Glibc
import MintmarkCrypto
import MintmarkSessionsTestSupport
import MintmarkTokens
import Testing

@testable import MintmarkStorage

/// Signing keys on a disk of a test, and their clock.
struct KeyStoreFixture {
    static let policy = KeyPolicy(rotationSeconds: 100_000, publicationSeconds: 1_000, tokenLifetimeSeconds: 300)
    static let begin: UInt64 = 1_800_000_000

    /// One directory stands for both.
    let directory: any SecretDirectory
    var settings = KeyStore.Settings(policy: Self.policy, algorithm: .edDSA)
    var named = KeyStore.Named.usual(passphrase: nil)
    var random: any RandomSource = SeededRandom(seed: 77)
    var master = StorageFixture.master

    init(_ directory: any SecretDirectory) {
        self.directory = directory
    }

    func open(now: UInt64 = Self.begin) throws(KeyStoreFailure) -> KeyStore {
        try KeyStore.open(
            KeyStore.Files(data: directory, keys: directory, master: master),
            named: named,
            settings: settings,
            now: now,
            random: random
        )
    }

    static func key(_ number: UInt64) -> Ed25519SigningKey {
        Ed25519SigningKey(random: SeededRandom(seed: 9_000 + number))
    }

    static func keyID(of key: Ed25519SigningKey) -> [UInt8] {
        KeyRing.Key(key.publicKey, state: .active).keyID
    }
}

extension SimulatedDisk: SecretDirectory {
    func readSecret(_ name: String) throws(SecretFile.Fault) -> SecretBytes {
        let bytes: [UInt8]
        do throws(StorageFault) {
            bytes = try open(name).read(at: 0, byteCount: SecretFile.bytesMax)
        } catch {
            guard error.code != ENOENT else { throw .missing(path: name) }
            throw .system(path: name, call: error.operation.rawValue, code: error.code)
        }
        guard !bytes.isEmpty else { throw .size(path: name, bytes: 0, max: SecretFile.bytesMax) }
        return SecretBytes(count: bytes.count) { $0.copyBytes(from: bytes) }
    }
}

extension TestDirectory {
    func write(_ bytes: [UInt8], to name: String, mode: Int) throws {
        try write(bytes, to: name)
        try #require(chmod(file(name), mode_t(mode)) == 0)
    }

    func link(_ name: String, to target: String) throws {
        try #require(symlink(target, file(name)) == 0)
    }
}

extension SecretBytes {
    /// The bytes, which only a test may copy.
    var copy: [UInt8] { withBytes { bytes in bytes.withUnsafeBytes { Array($0) } } }
}
