package import MintmarkCrypto

/// The bytes of a key ledger on a disk: `Protocol/keys.md`.
extension KeyLedger {
    private static let magic: [UInt8] = Array("MMKEYS\r\n".utf8)
    private static let version: UInt16 = 1
    private static let headerByteCount = 24
    private static let recordByteCount = 72
    private static let tagByteCount = 32
    private static let tagsCount = 2

    private static let recordsMax = KeyLimits.liveKeysMax + KeyLimits.revokedKeysMax + KeyLimits.removedKeysMax

    /// The length of the longest ledger, in bytes.
    package static let byteCountMax = headerByteCount + recordsMax * recordByteCount + tagsCount * tagByteCount

    /// Why bytes are no ledger.
    package enum FormatFault: Error, Equatable, Sendable {
        /// Not the bytes of a ledger, or not all of them.
        case form
        /// Written by a later version of this program.
        case version(UInt16)
        /// Neither tag is right: damaged, or written under another master key.
        case tag
        /// Authentic, and not a ledger all the same.
        case content
    }

    /// Makes the key that ledgers are authenticated with, from the master key of a store.
    package static func authenticator(master: SecretBytes) -> KeyedBLAKE2b {
        KeyedBLAKE2b(
            key: KeyDerivation.derive(from: master, context: "mmkeyset", id: 1, count: tagByteCount),
            tagByteCount: tagByteCount
        )
    }

    /// - Parameters:
    ///   - authenticator: of the master key that counts.
    ///   - next: of the master key that is going to count, while one is exchanged for another.
    package func encode(with authenticator: KeyedBLAKE2b, next: KeyedBLAKE2b? = nil) -> [UInt8] {
        var bytes = Self.magic
        bytes.append(number: UInt64(Self.version), byteCount: 2)
        bytes.append(number: 0, byteCount: 2)
        bytes.append(number: UInt64(records.count), byteCount: 4)
        bytes.append(number: sequence, byteCount: 8)
        for record in records {
            record.publicKey.withBytes { bytes.append($0) }
            bytes.append(record.state.rawValue)
            bytes.append(number: 0, byteCount: 3)
            bytes.append(number: UInt64(record.tokenLifetimeSeconds), byteCount: 4)
            for instant in [record.preparedAt, record.activatedAt, record.retiredAt, record.endedAt] {
                bytes.append(number: instant, byteCount: 8)
            }
        }
        let content = 0..<bytes.count
        authenticator.appendTag(of: content, to: &bytes)
        if let next {
            next.appendTag(of: content, to: &bytes)
        } else {
            bytes.append(contentsOf: [UInt8](repeating: 0, count: Self.tagByteCount))
        }
        return bytes
    }

    /// Reads what `encode` wrote. Either of the two tags has to be the authenticator's.
    package init(decoding bytes: RawSpan, with authenticator: KeyedBLAKE2b) throws(FormatFault) {
        let tagsByteCount = Self.tagsCount * Self.tagByteCount
        guard bytes.byteCount >= Self.headerByteCount + tagsByteCount, bytes.byteCount <= Self.byteCountMax,
            bytes.extracting(0..<8).hasSameBytes(as: Self.magic.span.bytes)
        else { throw .form }
        let version = UInt16(bytes.number(at: 8, byteCount: 2))
        guard version == Self.version else { throw version > Self.version ? .version(version) : .form }
        let contentByteCount = bytes.byteCount - tagsByteCount
        let content = bytes.extracting(0..<contentByteCount)
        let isAuthentic = (0..<Self.tagsCount).contains { index in
            let start = contentByteCount + index * Self.tagByteCount
            return authenticator.isValid(tag: bytes.extracting(start..<start + Self.tagByteCount), for: content)
        }
        guard isAuthentic else { throw .tag }
        let count = Int(bytes.number(at: 12, byteCount: 4))
        guard bytes.number(at: 10, byteCount: 2) == 0,
            contentByteCount == Self.headerByteCount + count * Self.recordByteCount
        else { throw .content }
        var records: [KeyRecord] = []
        for index in 0..<count {
            let start = Self.headerByteCount + index * Self.recordByteCount
            records.append(try Self.record(bytes.extracting(start..<start + Self.recordByteCount)))
        }
        guard let ledger = KeyLedger(records: records, sequence: bytes.number(at: 16, byteCount: 8)) else {
            throw .content
        }
        self = ledger
    }

    private static func record(_ bytes: RawSpan) throws(FormatFault) -> KeyRecord {
        guard let publicKey = Ed25519PublicKey(bytes.extracting(0..<Ed25519PublicKey.byteCount)),
            let state = KeyRecord.State(rawValue: bytes.byte(at: 32)),
            bytes.number(at: 33, byteCount: 3) == 0
        else { throw .content }
        var record = KeyRecord(publicKey, state: state, preparedAt: bytes.number(at: 40, byteCount: 8))
        record.tokenLifetimeSeconds = UInt32(bytes.number(at: 36, byteCount: 4))
        record.activatedAt = bytes.number(at: 48, byteCount: 8)
        record.retiredAt = bytes.number(at: 56, byteCount: 8)
        record.endedAt = bytes.number(at: 64, byteCount: 8)
        // Instants are added to durations.
        let instants = [record.preparedAt, record.activatedAt, record.retiredAt, record.endedAt]
        guard instants.allSatisfy({ $0 < 1 << 62 }) else { throw .content }
        return record
    }
}

extension [UInt8] {
    /// Appends the lowest bytes of `number`, big-endian.
    fileprivate mutating func append(number: UInt64, byteCount: Int) {
        for place in (0..<byteCount).reversed() {
            append(UInt8(truncatingIfNeeded: number >> UInt64(8 * place)))
        }
    }
}

extension RawSpan {
    /// The big-endian number at `offset`.
    fileprivate func number(at offset: Int, byteCount: Int) -> UInt64 {
        (offset..<offset + byteCount).reduce(0) { $0 << 8 | UInt64(byte(at: $1)) }
    }
}
