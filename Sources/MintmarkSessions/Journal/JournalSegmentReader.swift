/// Where the journal stands: what the next box must follow.
package struct JournalPosition: Equatable, Sendable {
    /// The number that the next box has.
    package var boxNumber: UInt64
    /// The tag of the last box, or of its segment's header.
    package var link: JournalLink
    /// The last event.
    package var lastLSN: LogSequenceNumber

    package init(boxNumber: UInt64, link: JournalLink, lastLSN: LogSequenceNumber) {
        self.boxNumber = boxNumber
        self.link = link
        self.lastLSN = lastLSN
    }
}

/// Reads the boxes of one segment, one after the other, out of its bytes.
package struct JournalSegmentReader: Sendable {
    package enum Step: Equatable, Sendable {
        /// A box, in its place. The plaintext is in ``JournalSegmentReader/plaintext``.
        case box(JournalBox)
        /// Nothing but zeros to the end of the file.
        case end
        /// What is there is no box, or not the next one.
        case fault(StorageFormatFault)
    }

    /// What may be done about a fault in the last segment.
    package enum Tail: Equatable, Sendable {
        /// Nothing from here on was ever known to be durable.
        case torn
        /// A box further on, at this offset, was written when what is missing was durable.
        case damaged(witnessOffset: Int)
    }

    package let header: JournalSegmentHeader
    /// How far the segment was read.
    package private(set) var offset = JournalSegmentHeader.byteCount
    /// What must come next.
    package private(set) var position: JournalPosition
    /// The greatest number that this segment proves to have been durable.
    package private(set) var durableLSN: LogSequenceNumber
    /// The entries of the box that was read last.
    package private(set) var plaintext: [UInt8] = []

    private let cipher: JournalSegmentCipher

    /// - Parameter tag: of the header.
    package init(_ header: JournalSegmentHeader, tag: JournalLink, keys: StorageKeys) {
        self.header = header
        cipher = JournalSegmentCipher(header, keys: keys)
        position = JournalPosition(boxNumber: header.firstBoxNumber, link: tag, lastLSN: header.lastLSN)
        durableLSN = header.durableLSN
    }

    /// Reads the next box.
    ///
    /// - Parameter bytes: of the whole segment, header included.
    package mutating func next(in bytes: RawSpan) -> Step {
        guard offset < bytes.byteCount else { return .end }
        let rest = bytes.extracting(offset...)
        plaintext.removeAll(keepingCapacity: true)
        guard let (box, tag) = cipher.open(rest, appendingTo: &plaintext) else {
            return rest.isZero ? .end : .fault(.notAuthentic)
        }
        guard box.number == position.boxNumber, box.link == position.link, box.firstLSN > position.lastLSN else {
            return .fault(.outOfSequence)
        }
        guard box.clocks.isPossible, box.durableLSN <= position.lastLSN else {
            return .fault(.contradiction("the header of a box"))
        }
        do throws(StorageFormatFault) {
            var last = box.firstLSN
            let firstLSN = box.firstLSN
            try JournalEntries.forEach(in: plaintext.span.bytes, firstLSN: firstLSN, count: box.eventCount) { _, lsn in
                last = lsn
            }
            position = JournalPosition(boxNumber: box.number + 1, link: tag, lastLSN: last)
        } catch {
            return .fault(error)
        }
        durableLSN = max(durableLSN, box.durableLSN)
        offset += box.byteCount
        return .box(box)
    }

    /// Judges what is behind the last good box.
    package func tail(in bytes: RawSpan) -> Tail {
        var place = offset
        var plaintext: [UInt8] = []
        // No box begins among zeros, and what was set aside for boxes and not used is nothing else.
        let end = offset + bytes.extracting(offset...).byteCountWithoutZerosAtTheEnd
        while place < end, place + JournalBox.overheadByteCount <= bytes.byteCount {
            if let (box, _) = cipher.open(bytes.extracting(place...), appendingTo: &plaintext),
                box.durableLSN > position.lastLSN
            {
                return .damaged(witnessOffset: place)
            }
            plaintext.removeAll(keepingCapacity: true)
            place += JournalBox.alignment
        }
        return .torn
    }
}

extension RawSpan {
    /// How many bytes there are up to the last one that is not zero, in whole words from the end.
    fileprivate var byteCountWithoutZerosAtTheEnd: Int {
        var end = byteCount
        while end >= 8, unsafeLoadUnaligned(fromByteOffset: end - 8, as: UInt64.self) == 0 {
            end -= 8
        }
        return end
    }

    /// Whether every byte is zero.
    package var isZero: Bool {
        var offset = 0
        while byteCount - offset >= 8 {
            guard unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self) == 0 else { return false }
            offset += 8
        }
        while offset < byteCount {
            guard unsafeLoad(fromByteOffset: offset, as: UInt8.self) == 0 else { return false }
            offset += 1
        }
        return true
    }
}
