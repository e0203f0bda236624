/// How a session lies in its slot. In memory only: numbers are in the machine's byte order, where their size is one of
/// the machine's.
///
/// | offset | size | content |
/// |---|---|---|
/// | 0 | 16 | session id |
/// | 16 | 2 | the flags of the record's encoding; bit 12 the journal does not know of the revocation, bit 13 the previous epoch is kept, bit 14 a mark is kept, bit 15 touched |
/// | 18 | 6 | LSN of its OPEN |
/// | 24 | 8 | current epoch |
/// | 32 | 4 | generation |
/// | 36 | 6 | rotated at |
/// | 42 | 2 | grace uses |
/// | 44 | 2 | grace streak |
/// | 46 | 5 | created |
/// | 51 | 5 | last used |
/// | 56 | 4 | seconds from creation to absolute expiry |
/// | 60 | 4 | seconds from idle expiry to absolute expiry |
/// | 64 | 5 | greatest `exp` |
/// | 69 | 4 | number of the shared terms |
/// | 73 | 3 | lengths: of the subject in 9 bits, above them of the claims in 13 |
/// | 76 | | subject, claims |
/// | | 8 | previous epoch, if kept: only when it is another than the current |
/// | | 6 | mark of a forced rotation, if kept |
/// | | 16 | context hash, if there is one |
struct PackedSession {
    static let fixedByteCount = 76

    var state: SessionState

    /// Whether a REFRESH from the current token has succeeded since the store started.
    var isTouched: Bool

    /// Whether the session was revoked while the journal could not be written to, and nothing was written since.
    var isRevocationHeld: Bool
    let terms: UInt32
    let subjectByteCount: Int
    let claimsByteCount: Int

    private static let subjectBitCount = 9
    private static let heldBit: UInt16 = 1 << 12
    private static let previousEpochBit: UInt16 = 1 << 13
    private static let markBit: UInt16 = 1 << 14
    private static let touchedBit: UInt16 = 1 << 15
    private static let packedBits = heldBit | previousEpochBit | markBit | touchedBit
}

extension PackedSession {
    var subject: Range<Int> {
        Self.fixedByteCount..<(Self.fixedByteCount + subjectByteCount)
    }

    var claims: Range<Int> {
        subject.upperBound..<(subject.upperBound + claimsByteCount)
    }

    /// The size of the slot it needs now.
    var unitCount: Int {
        SlotArena.unitCount(
            forByteCount: claims.upperBound + (keepsPreviousEpoch ? 8 : 0) + (keepsMark ? 6 : 0)
                + (state.contextHash == nil ? 0 : ContextHash.byteCount)
        )
    }

    private var keepsPreviousEpoch: Bool {
        state.previousEpoch.map { $0 != state.current.epoch } ?? false
    }

    private var keepsMark: Bool {
        state.forcedRotation.markLSN > .zero
    }

    /// Writes everything but subject and claims, which stay where they are.
    func store(to bytes: UnsafeMutableRawBufferPointer) {
        var writer = PackedWriter(bytes)
        writer.write(state.id.high, byteCount: 8)
        writer.write(state.id.low, byteCount: 8)
        let bits =
            (keepsPreviousEpoch ? Self.previousEpochBit : 0) | (keepsMark ? Self.markBit : 0)
            | (isTouched ? Self.touchedBit : 0) | (isRevocationHeld ? Self.heldBit : 0)
        writer.write(UInt64(SessionFlags(state).rawValue | bits), byteCount: 2)
        writer.write(state.openLSN.rawValue, byteCount: 6)
        writer.write(state.current.epoch.rawValue, byteCount: 8)
        writer.write(UInt64(state.current.number), byteCount: 4)
        writer.write(state.rotatedAtMilliseconds, byteCount: 6)
        writer.write(UInt64(state.graceUses), byteCount: 2)
        writer.write(UInt64(state.graceStreak), byteCount: 2)
        writer.write(state.createdSeconds, byteCount: 5)
        writer.write(state.lastUsedSeconds, byteCount: 5)
        writer.write(state.absoluteExpirySeconds - state.createdSeconds, byteCount: 4)
        writer.write(state.absoluteExpirySeconds - state.idleExpirySeconds, byteCount: 4)
        writer.write(state.accessTokenExpirySeconds, byteCount: 5)
        writer.write(UInt64(terms), byteCount: 4)
        writer.write(UInt64(claimsByteCount << Self.subjectBitCount | subjectByteCount), byteCount: 3)
        writer.skip(to: claims.upperBound)
        if keepsPreviousEpoch, let previousEpoch = state.previousEpoch {
            writer.write(previousEpoch.rawValue, byteCount: 8)
        }
        if keepsMark {
            writer.write(state.forcedRotation.markLSN.rawValue, byteCount: 6)
        }
        if let hash = state.contextHash {
            writer.write(hash.high, byteCount: 8)
            writer.write(hash.low, byteCount: 8)
        }
    }

    /// Reads what ``store(to:)`` has written.
    init(from bytes: UnsafeRawBufferPointer) {
        var reader = PackedReader(bytes)
        let id = SessionID(high: reader.read(8), low: reader.read(8))
        let bits = UInt16(truncatingIfNeeded: reader.read(2))
        guard let flags = SessionFlags(rawValue: bits & ~Self.packedBits) else {
            preconditionFailure("a slot with flags \(bits)")
        }
        let openLSN = LogSequenceNumber(reader.read(6))
        let epoch = StoreEpoch(rawValue: reader.read(8))
        let number = UInt32(truncatingIfNeeded: reader.read(4))
        let rotatedAt = reader.read(6)
        let graceUses = UInt16(truncatingIfNeeded: reader.read(2))
        let graceStreak = UInt16(truncatingIfNeeded: reader.read(2))
        let created = reader.read(5)
        let lastUsed = reader.read(5)
        let absoluteExpiry = created + reader.read(4)
        let idleExpiry = absoluteExpiry - reader.read(4)
        let accessTokenExpiry = reader.read(5)
        terms = UInt32(truncatingIfNeeded: reader.read(4))
        let byteCounts = Int(reader.read(3))
        subjectByteCount = byteCounts & (1 << Self.subjectBitCount - 1)
        claimsByteCount = byteCounts >> Self.subjectBitCount
        reader.skip(subjectByteCount + claimsByteCount)
        let otherEpoch = bits & Self.previousEpochBit == 0 ? epoch : StoreEpoch(rawValue: reader.read(8))
        let mark = bits & Self.markBit == 0 ? .zero : LogSequenceNumber(reader.read(6))
        let hash = flags.hasContext ? ContextHash(high: reader.read(8), low: reader.read(8)) : nil
        isTouched = bits & Self.touchedBit != 0
        isRevocationHeld = bits & Self.heldBit != 0
        state = SessionState(
            id: id,
            openLSN: openLSN,
            current: TokenGeneration(epoch: epoch, number: number),
            previousEpoch: number > 0 ? otherEpoch : nil,
            rotatedAtMilliseconds: rotatedAt,
            isRotationReleased: flags.isRotationReleased,
            graceUses: graceUses,
            graceStreak: graceStreak,
            hasGraceAnswer: flags.hasGraceAnswer,
            contextHash: hash,
            createdSeconds: created,
            lastUsedSeconds: lastUsed,
            absoluteExpirySeconds: absoluteExpiry,
            idleExpirySeconds: idleExpiry,
            accessTokenExpirySeconds: accessTokenExpiry,
            revocation: flags.revocation,
            forcedRotation: ForcedRotation(markLSN: mark, stage: flags.forcedStage),
            isTombstone: flags.isTombstone
        )
    }

    init(state: SessionState, terms: UInt32, subjectByteCount: Int, claimsByteCount: Int) {
        self.state = state
        self.terms = terms
        self.subjectByteCount = subjectByteCount
        self.claimsByteCount = claimsByteCount
        isTouched = false
        isRevocationHeld = false
    }

    /// The session id of a slot, without reading the rest.
    static func id(in bytes: UnsafeRawBufferPointer) -> SessionID {
        var reader = PackedReader(bytes)
        return SessionID(high: reader.read(8), low: reader.read(8))
    }

    /// How much of a slot ``release(_:rotatedTo:atMilliseconds:in:)`` looks at.
    static let releasedByteCount = 42

    /// Does to a slot what ``SessionState/released(atMilliseconds:)`` does to its session, without reading or writing the
    /// rest. False, with nothing done, unless the slot is of the session `id` and `current` is its current generation.
    static func release(
        _ id: SessionID,
        rotatedTo current: TokenGeneration,
        atMilliseconds milliseconds: UInt64,
        in bytes: UnsafeMutableRawBufferPointer
    ) -> Bool {
        var reader = PackedReader(UnsafeRawBufferPointer(bytes))
        guard id == SessionID(high: reader.read(8), low: reader.read(8)) else { return false }
        let flags = reader.read(2)
        reader.skip(6)
        let generation = (epoch: reader.read(8), number: reader.read(4))
        guard generation == (current.epoch.rawValue, UInt64(current.number)) else { return false }
        let rotatedAt = reader.read(6)
        if flags & UInt64(SessionFlags.rotationReleasedBit) == 0 {
            var writer = PackedWriter(bytes)
            writer.skip(to: 16)
            writer.write(flags | UInt64(SessionFlags.rotationReleasedBit), byteCount: 2)
            writer.skip(to: 36)
            writer.write(max(rotatedAt, milliseconds), byteCount: 6)
        }
        return true
    }
}

/// Writes little-endian numbers of 2 to 6 or 8 bytes one after the other.
private struct PackedWriter {
    private let bytes: UnsafeMutableRawBufferPointer
    private var offset = 0

    init(_ bytes: UnsafeMutableRawBufferPointer) {
        self.bytes = bytes
    }

    mutating func write(_ value: UInt64, byteCount: Int) {
        switch byteCount {
        case 8:
            store(value)
        case 6:
            store(UInt32(truncatingIfNeeded: value))
            store(UInt16(truncatingIfNeeded: value >> 32))
        case 5:
            store(UInt32(truncatingIfNeeded: value))
            store(UInt8(truncatingIfNeeded: value >> 32))
        case 4:
            store(UInt32(truncatingIfNeeded: value))
        case 3:
            store(UInt16(truncatingIfNeeded: value))
            store(UInt8(truncatingIfNeeded: value >> 16))
        default:
            assert(byteCount == 2, "a packed number of \(byteCount) bytes")
            store(UInt16(truncatingIfNeeded: value))
        }
    }

    mutating func skip(to offset: Int) {
        self.offset = offset
    }

    private mutating func store<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
        bytes.storeBytes(of: number.littleEndian, toByteOffset: offset, as: Number.self)
        offset += MemoryLayout<Number>.size
    }
}

/// Reads what ``PackedWriter`` has written.
private struct PackedReader {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    mutating func read(_ byteCount: Int) -> UInt64 {
        switch byteCount {
        case 8:
            return load(UInt64.self)
        case 6:
            let low = load(UInt32.self)
            return low | load(UInt16.self) << 32
        case 5:
            let low = load(UInt32.self)
            return low | load(UInt8.self) << 32
        case 4:
            return load(UInt32.self)
        case 3:
            let low = load(UInt16.self)
            return low | load(UInt8.self) << 16
        default:
            assert(byteCount == 2, "a packed number of \(byteCount) bytes")
            return load(UInt16.self)
        }
    }

    mutating func skip(_ byteCount: Int) {
        offset += byteCount
    }

    private mutating func load<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type) -> UInt64 {
        let number = Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
        offset += MemoryLayout<Number>.size
        return UInt64(number)
    }
}
