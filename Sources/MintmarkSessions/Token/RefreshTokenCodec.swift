package import MintmarkCrypto

/// A key that refresh tokens are authenticated with.
package struct RefreshTokenKey: Sendable {
    /// Names the key in the token.
    package let id: UInt8

    /// The first epoch whose tokens are made with it. A new key comes with a new epoch.
    package let firstEpoch: StoreEpoch

    /// The key itself; nil once it is retired or revoked, and with it every token of its epochs.
    let tagKey: SecretBytes?
    let tagger: KeyedBLAKE2b?

    /// - Parameter master: the 32-byte master key that the tag key is derived from; nil for a key that is no longer
    ///   honoured.
    package init(id: UInt8, firstEpoch: StoreEpoch, master: SecretBytes?) {
        let tagKey = master.map { KeyDerivation.derive(from: $0, context: "mmrtmac_", id: UInt64(id), count: 32) }
        self.init(id: id, firstEpoch: firstEpoch, tagKey: tagKey)
    }

    /// - Parameter tagKey: 32 bytes; nil for a key that is no longer honoured.
    init(id: UInt8, firstEpoch: StoreEpoch, tagKey: SecretBytes?) {
        self.id = id
        self.firstEpoch = firstEpoch
        self.tagKey = tagKey
        tagger = tagKey.map { KeyedBLAKE2b(key: $0, tagByteCount: RefreshTokenCodec.tagByteCount) }
    }

    /// The same key, no longer honoured.
    package var retired: RefreshTokenKey {
        RefreshTokenKey(id: id, firstEpoch: firstEpoch, tagKey: nil)
    }

    package var isHonoured: Bool {
        tagKey != nil
    }
}

/// Makes and reads refresh tokens.
///
/// `mmrt_` followed by the base64url, without padding, of 46 bytes; numbers are big-endian:
///
/// | offset | size | content |
/// |---|---|---|
/// | 0 | 1 | version: 1 |
/// | 1 | 1 | id of the key that made the tag |
/// | 2 | 8 | store epoch |
/// | 10 | 16 | session id |
/// | 26 | 4 | generation |
/// | 30 | 16 | tag: keyed BLAKE2b over the 30 bytes before |
///
/// A token has one spelling: the tag of an epoch is always made with the key of that epoch, so a successor is
/// byte-identical whenever it is handed out, and a token that names another key than its epoch's is no token.
/// Immutable, safe to share between threads.
package struct RefreshTokenCodec: Sendable {
    package static let version: UInt8 = 1
    package static let byteCount = 46
    package static let tagByteCount = 16

    /// The length of a token as text.
    package static let characterCount = prefix.utf8CodeUnitCount + 62

    private static let prefix: StaticString = "mmrt_"
    private static let taggedByteCount = byteCount - tagByteCount

    /// The bytes of a token, as many as ``byteCount``.
    private typealias Contents = InlineArray<46, UInt8>

    /// By first epoch, descending.
    package let keys: [RefreshTokenKey]

    /// The key with the greatest `firstEpoch` that is not above an epoch is the key of that epoch. Ids must differ, and
    /// so must first epochs.
    package init(keys: [RefreshTokenKey]) {
        precondition(Self.isPossible(keys), "two keys with one id, or for one epoch")
        self.keys = keys.sorted { $0.firstEpoch > $1.firstEpoch }
    }

    /// Whether ids and first epochs of `keys` differ.
    static func isPossible(_ keys: [RefreshTokenKey]) -> Bool {
        Set(keys.map(\.id)).count == keys.count && Set(keys.map(\.firstEpoch)).count == keys.count
    }

    /// Whether tokens of `epoch` can be made: its key is still honoured.
    package func canEncode(epoch: StoreEpoch) -> Bool {
        position(of: epoch).map { keys[$0].isHonoured } ?? false
    }

    /// Appends the token as text to `output`. The epoch's key must still be honoured.
    package func encode(_ token: RefreshToken, appendingTo output: inout [UInt8]) {
        guard let position = position(of: token.generation.epoch), let tagger = keys[position].tagger else {
            preconditionFailure("no key for the epoch of a refresh token; canEncode tells beforehand")
        }
        let bytes = Contents { (output: inout OutputSpan<UInt8>) in
            output.append(Self.version)
            output.append(keys[position].id)
            output.append(bigEndian: token.generation.epoch.rawValue)
            output.append(bigEndian: token.sessionID.high)
            output.append(bigEndian: token.sessionID.low)
            output.append(bigEndian: token.generation.number)
            tagger.appendTag(to: &output)
        }
        Self.prefix.withUTF8Buffer { output.append(copying: $0.span.bytes) }
        Base64URL.encode(bytes.span.bytes, appendingTo: &output)
    }

    /// What `text` says; nil unless it is a token that this codec's keys have made. The tag is compared in constant
    /// time.
    package func decode(_ text: RawSpan) -> RefreshToken? {
        guard text.byteCount == Self.characterCount else { return nil }
        let prefixByteCount = Self.prefix.utf8CodeUnitCount
        let isPrefixed = Self.prefix.withUTF8Buffer { prefix in
            text.extracting(first: prefixByteCount).isEqual(to: prefix.span.bytes)
        }
        guard isPrefixed else { return nil }
        var contents = Contents(repeating: 0)
        var bytes = contents.mutableSpan
        guard Base64URL.decode(text.extracting(droppingFirst: prefixByteCount), over: &bytes) else { return nil }
        return decode(contents: contents.span.bytes)
    }

    /// Which session `text` would be about if it were a token; nil where that cannot be seen. Nothing is verified.
    package static func presumedSessionID(in text: RawSpan, scratch: inout [UInt8]) -> SessionID? {
        guard text.byteCount == characterCount else { return nil }
        scratch.removeAll(keepingCapacity: true)
        // Whole groups of four characters: bytes 9 to 26.
        let characters = text.extracting(droppingFirst: prefix.utf8CodeUnitCount).extracting(12..<36)
        guard Base64URL.decode(characters, appendingTo: &scratch) else { return nil }
        let bytes = scratch.span.bytes
        var reader = ByteReader(bytes)
        _ = reader.readUInt8(from: bytes)
        return SessionID(
            high: reader.read(byteCount: 8, from: bytes),
            low: reader.read(byteCount: 8, from: bytes)
        )
    }

    private func decode(contents bytes: RawSpan) -> RefreshToken? {
        var reader = ByteReader(bytes)
        let version = reader.readUInt8(from: bytes)
        let keyID = reader.readUInt8(from: bytes)
        let epoch = StoreEpoch(rawValue: reader.read(byteCount: 8, from: bytes))
        let high = reader.read(byteCount: 8, from: bytes)
        let low = reader.read(byteCount: 8, from: bytes)
        let number = reader.readUInt32(from: bytes)
        let tag = reader.readRange(byteCount: Self.tagByteCount)
        guard reader.isConsumed, version == Self.version else { return nil }
        guard let position = position(of: epoch), keys[position].id == keyID else { return nil }
        guard let tagger = keys[position].tagger else { return nil }
        guard tagger.isValid(tag: bytes.extracting(tag), for: bytes.extracting(first: Self.taggedByteCount)) else {
            return nil
        }
        return RefreshToken(
            sessionID: SessionID(high: high, low: low),
            generation: TokenGeneration(epoch: epoch, number: number)
        )
    }

    /// The key that the tokens of an epoch are made with; nil when they are older than every key.
    package func key(of epoch: StoreEpoch) -> RefreshTokenKey? {
        position(of: epoch).map { keys[$0] }
    }

    /// The position in ``keys`` of the epoch's key: copying a key would count references.
    private func position(of epoch: StoreEpoch) -> Int? {
        keys.firstIndex { $0.firstEpoch <= epoch }
    }
}
