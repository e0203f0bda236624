package import MintmarkCrypto

/// The keys of everything that a store keeps on a disk, derived from one master key: see `Protocol/journal.md`.
///
/// Immutable, safe to share between threads.
package struct StorageKeys: Sendable {
    /// Names the master key in the files.
    package let id: UInt8

    let segmentHeader: KeyedBLAKE2b
    let snapshotHeader: KeyedBLAKE2b
    let manifest: KeyedBLAKE2b

    /// What the keys of refresh tokens are sealed with.
    let tokenKeys: AEAD

    private let segment: SecretBytes
    private let snapshot: SecretBytes

    static let headerTagByteCount = 16
    static let manifestTagByteCount = 32

    /// - Parameters:
    ///   - id: 1 to 255.
    ///   - master: the 32-byte master key.
    package init(id: UInt8, master: SecretBytes) {
        self.id = id
        func key(_ context: StaticString) -> SecretBytes {
            KeyDerivation.derive(from: master, context: context, id: 1, count: 32)
        }
        segmentHeader = KeyedBLAKE2b(key: key("mmjrnhdr"), tagByteCount: Self.headerTagByteCount)
        snapshotHeader = KeyedBLAKE2b(key: key("mmsnphdr"), tagByteCount: Self.headerTagByteCount)
        manifest = KeyedBLAKE2b(key: key("mmmanife"), tagByteCount: Self.manifestTagByteCount)
        tokenKeys = AEAD(key: key("mmtokkey"))
        segment = key("mmjrnseg")
        snapshot = key("mmsnapsh")
    }

    func segmentKey(store: StorageID, number: UInt64, salt: [UInt8]) -> SecretBytes {
        var message: [UInt8] = []
        store.append(to: &message)
        message.append(number, byteCount: 8)
        message.append(contentsOf: salt)
        return KeyDerivation.derive(from: segment, for: message.span.bytes)
    }

    func snapshotKey(store: StorageID, snapshot id: StorageID, salt: [UInt8]) -> SecretBytes {
        var message: [UInt8] = []
        store.append(to: &message)
        id.append(to: &message)
        message.append(contentsOf: salt)
        return KeyDerivation.derive(from: snapshot, for: message.span.bytes)
    }
}
