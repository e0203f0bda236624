/// The events of one box, as they are encrypted: each behind its number's step and its length.
package struct JournalEntries: Sendable {
    /// The longest event.
    package static let eventByteCountMax = 16_384

    /// What an entry takes beside its event at the most.
    package static let entryOverheadByteCountMax = LEB128.byteCountMax + 3

    package private(set) var bytes: [UInt8] = []
    package private(set) var count = 0
    package private(set) var firstLSN = LogSequenceNumber.zero
    package private(set) var lastLSN = LogSequenceNumber.zero

    package init() {}

    package var isEmpty: Bool {
        count == 0
    }

    /// Adds an event. Its number must be above those before.
    package mutating func append(_ event: RawSpan, at lsn: LogSequenceNumber) {
        precondition((1...Self.eventByteCountMax).contains(event.byteCount), "an event of \(event.byteCount) bytes")
        precondition(lsn > lastLSN, "an event whose number is not above those before")
        if isEmpty {
            firstLSN = lsn
        }
        LEB128.append(isEmpty ? 0 : lsn.rawValue - lastLSN.rawValue, to: &bytes)
        LEB128.append(UInt64(event.byteCount), to: &bytes)
        bytes.append(contentsOf: event)
        lastLSN = lsn
        count += 1
    }

    /// Forgets everything but the capacity.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        count = 0
        firstLSN = .zero
        lastLSN = .zero
    }

    /// Calls `body` with each event of a box's plaintext. Throws where it is not as a header says.
    ///
    /// - Parameters:
    ///   - firstLSN: of the header.
    ///   - count: of the header.
    package static func forEach(
        in plaintext: RawSpan,
        firstLSN: LogSequenceNumber,
        count: Int,
        _ body: (RawSpan, LogSequenceNumber) throws(StorageFormatFault) -> Void
    ) throws(StorageFormatFault) {
        var reader = ByteReader(plaintext)
        var lsn = firstLSN.rawValue
        for index in 0..<count {
            let step = reader.readLEB128(from: plaintext)
            let byteCount = reader.readLEB128(from: plaintext)
            guard !reader.isFailed, index == 0 ? step == 0 : step > 0 else {
                throw .contradiction("the numbers of a box's events")
            }
            let (sum, isOverflow) = lsn.addingReportingOverflow(step)
            guard !isOverflow, sum <= LogSequenceNumber.max.rawValue,
                (1...UInt64(eventByteCountMax)).contains(byteCount)
            else {
                throw .contradiction("an event of \(byteCount) bytes at \(sum)")
            }
            lsn = sum
            let event = reader.readRange(byteCount: Int(byteCount))
            guard !reader.isFailed else { throw .contradiction("an event that ends behind its box") }
            try body(plaintext.extracting(event), LogSequenceNumber(lsn))
        }
        guard reader.remaining < JournalBox.alignment else { throw .contradiction("bytes behind the events of a box") }
        while reader.remaining > 0 {
            guard reader.readUInt8(from: plaintext) == 0 else {
                throw .contradiction("bytes behind the events of a box")
            }
        }
    }
}
