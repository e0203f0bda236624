/// What is wrong with bytes that came from a disk. Where they were is for whoever read them to add.
package enum StorageFormatFault: Error, Equatable, Sendable {
    /// It begins as no file of this kind does.
    case foreign
    /// A later version of the format than this program knows.
    case newerVersion(UInt16)
    /// It ends before it is complete.
    case truncated
    /// It was written under the master key with this id, and another is at hand.
    case otherKey(id: UInt8)
    /// It is not what was written under this master key.
    case notAuthentic
    /// It belongs to another store.
    case otherStore
    /// It is authentic, but does not follow what comes before it.
    case outOfSequence
    /// It is authentic, but says what cannot be; the reason.
    case contradiction(String)
}

extension StorageFormatFault {
    /// Whether it was written just so: no disk did this.
    package var isContradiction: Bool {
        if case .contradiction = self { true } else { false }
    }
}

extension StorageFormatFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .foreign: "not a file of this kind, or its beginning is damaged"
        case .newerVersion(let version): "format version \(version); this program reads up to \(StorageFormat.version)"
        case .truncated: "it ends too early"
        case .otherKey(let id): "written under master key \(id), which is not the one at hand"
        case .notAuthentic: "damaged, or written under another master key"
        case .otherStore: "it belongs to another store"
        case .outOfSequence: "it does not follow what comes before it"
        case .contradiction(let reason): "it contradicts itself: \(reason)"
        }
    }
}

/// What all files of a store have in common; `Protocol/journal.md` and `Protocol/snapshot.md` specify them.
package enum StorageFormat {
    /// The newest version that is read, and the one that is written.
    package static let version: UInt16 = 1

    /// The length of the magic bytes that a file begins with.
    static let magicByteCount = 8

    static func append(_ magic: StaticString, to bytes: inout [UInt8]) {
        assert(magic.utf8CodeUnitCount == magicByteCount)
        magic.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt64(version), byteCount: 2)
    }

    /// Reads magic and version.
    static func checkBeginning(
        _ magic: StaticString,
        _ reader: inout ByteReader,
        _ bytes: RawSpan,
        byteCount: Int
    ) throws(StorageFormatFault) {
        let beginning = reader.readRange(byteCount: magicByteCount)
        let isThis = magic.withUTF8Buffer { bytes.extracting(beginning).isEqual(to: $0.span.bytes) }
        guard isThis else {
            throw bytes.byteCount < magicByteCount ? .truncated : .foreign
        }
        let version = reader.readUInt16(from: bytes)
        guard !reader.isFailed else { throw .truncated }
        guard version > 0 else { throw .foreign }
        guard version <= Self.version else { throw .newerVersion(version) }
        guard bytes.byteCount >= byteCount else { throw .truncated }
    }
}
