import MintmarkCrypto

/// A key in the facts of a snapshot: id 1 · state 1 (1 honoured, 2 retired) · first epoch 8 · if honoured, the sealed key.
extension RefreshTokenKey {
    private static let honouredState: UInt8 = 1
    private static let retiredState: UInt8 = 2
    private static let keyByteCount = 32

    func encode(with keys: StorageKeys, random: some RandomSource, appendingTo bytes: inout [UInt8]) {
        bytes.append(id)
        bytes.append(isHonoured ? Self.honouredState : Self.retiredState)
        bytes.append(firstEpoch.rawValue, byteCount: 8)
        guard let tagKey else { return }
        tagKey.withBytes { key in
            let id = [id]
            keys.tokenKeys.seal(key, additionalData: id.span.bytes, random: random, appendingTo: &bytes)
        }
    }

    init(from reader: inout ByteReader, _ bytes: RawSpan, with keys: StorageKeys) throws(StorageFormatFault) {
        let id = reader.readUInt8(from: bytes)
        let state = reader.readUInt8(from: bytes)
        let firstEpoch = StoreEpoch(rawValue: reader.read(byteCount: 8, from: bytes))
        switch state {
        case Self.honouredState:
            let sealed = reader.readRange(byteCount: Self.keyByteCount + AEAD.overheadByteCount)
            let additional = [id]
            let key = keys.tokenKeys.openSecret(bytes.extracting(sealed), additionalData: additional.span.bytes)
            guard let key else { throw .contradiction("a key that cannot be opened") }
            self.init(id: id, firstEpoch: firstEpoch, tagKey: key)
        case Self.retiredState:
            self.init(id: id, firstEpoch: firstEpoch, tagKey: nil)
        default:
            throw .contradiction("a key in an unknown state")
        }
    }
}
