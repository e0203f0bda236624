/// Layout and bits: see the table at ``SessionEvent``'s encoding.
extension SessionRotation {
    /// The longest encoding there is: with a previous epoch, a mark and a context hash.
    static var encodedByteCountMax: Int {
        8 + 4 + 6 + 2 + 3 * 5 + 1 + 8 + LogSequenceNumber.encodedByteCount + ContextHash.byteCount
    }

    /// Appends the encoding to `bytes`, where there must be room for it.
    func encode(appendingTo bytes: inout OutputSpan<UInt8>) {
        bytes.append(current.epoch.rawValue, byteCount: 8)
        bytes.append(UInt64(current.number), byteCount: 4)
        bytes.append(rotatedAtMilliseconds, byteCount: 6)
        bytes.append(UInt64(graceStreak), byteCount: 2)
        bytes.append(lastUsedSeconds, byteCount: 5)
        bytes.append(idleExpirySeconds, byteCount: 5)
        bytes.append(accessTokenExpirySeconds, byteCount: 5)
        let hasOtherEpoch = previousEpoch != current.epoch
        let hasMark = forcedRotation.markLSN > .zero
        let stage: UInt8 =
            switch forcedRotation.stage {
            case .done: 0
            case .marked: 1
            case .begun: 2
            }
        bytes.append((hasOtherEpoch ? 1 : 0) | stage << 1 | (hasMark ? 1 << 3 : 0) | (contextHash != nil ? 1 << 4 : 0))
        if hasOtherEpoch {
            bytes.append(previousEpoch.rawValue, byteCount: 8)
        }
        if hasMark {
            bytes.append(forcedRotation.markLSN.rawValue, byteCount: LogSequenceNumber.encodedByteCount)
        }
        contextHash?.append(to: &bytes)
    }

    init?(from reader: inout ByteReader, _ bytes: RawSpan) {
        let epoch = StoreEpoch(rawValue: reader.read(byteCount: 8, from: bytes))
        current = TokenGeneration(epoch: epoch, number: reader.readUInt32(from: bytes))
        rotatedAtMilliseconds = reader.read(byteCount: 6, from: bytes)
        graceStreak = reader.readUInt16(from: bytes)
        lastUsedSeconds = reader.read(byteCount: 5, from: bytes)
        idleExpirySeconds = reader.read(byteCount: 5, from: bytes)
        accessTokenExpirySeconds = reader.read(byteCount: 5, from: bytes)
        let parts = reader.readUInt8(from: bytes)
        let hasOtherEpoch = parts & 1 != 0
        let hasMark = parts & 1 << 3 != 0
        previousEpoch = hasOtherEpoch ? StoreEpoch(rawValue: reader.read(byteCount: 8, from: bytes)) : epoch
        let markByteCount = LogSequenceNumber.encodedByteCount
        let markLSN = hasMark ? LogSequenceNumber(reader.read(byteCount: markByteCount, from: bytes)) : .zero
        let stage: ForcedRotation.Stage
        switch parts >> 1 & 3 {
        case 0: stage = .done
        case 1: stage = .marked
        case 2: stage = .begun
        default: return nil
        }
        forcedRotation = ForcedRotation(markLSN: markLSN, stage: stage)
        contextHash = parts & 1 << 4 == 0 ? nil : ContextHash(from: &reader, bytes)
        guard parts >> 5 == 0, isConsistent, hasMark == (markLSN > .zero), !hasOtherEpoch || previousEpoch != epoch
        else {
            return nil
        }
    }

    /// Whether a session can be so after a rotation.
    private var isConsistent: Bool {
        current.number > 0 && previousEpoch <= current.epoch
            && (forcedRotation.stage == .done || forcedRotation.markLSN > .zero)
    }
}

extension ContextHash {
    init(from reader: inout ByteReader, _ bytes: RawSpan) {
        self.init(
            high: reader.read(byteCount: 8, from: bytes),
            low: reader.read(byteCount: 8, from: bytes)
        )
    }
}

/// Layout: see the table at ``SessionEvent``'s encoding.
extension SessionTarget {
    func encode(appendingTo bytes: inout [UInt8]) {
        switch self {
        case .subject(let subject):
            bytes.append(1)
            bytes.append(UInt64(subject.count), byteCount: 2)
            bytes.append(contentsOf: subject)
        case .client(let client):
            bytes.append(2)
            bytes.append(UInt64(client.count), byteCount: 2)
            bytes.append(contentsOf: client)
        case .all:
            bytes.append(3)
        }
    }

    init?(from reader: inout ByteReader, _ bytes: RawSpan) {
        switch reader.readUInt8(from: bytes) {
        case 1:
            let subject = reader.readRange(byteCount: Int(reader.readUInt16(from: bytes)))
            guard (1...SessionTerms.subjectByteCountMax).contains(subject.count) else { return nil }
            self = .subject([UInt8](bytes.extracting(subject)))
        case 2:
            let client = reader.readRange(byteCount: Int(reader.readUInt16(from: bytes)))
            guard (1...SessionTerms.clientByteCountMax).contains(client.count) else { return nil }
            self = .client([UInt8](bytes.extracting(client)))
        case 3:
            self = .all
        default:
            return nil
        }
    }
}
