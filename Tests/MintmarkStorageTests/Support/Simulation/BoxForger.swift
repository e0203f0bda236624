import MintmarkCrypto
import MintmarkSessions
import MintmarkSessionsTestSupport

/// Changes what is in a box, and makes all tags right again: to a reader it is what a changed box is to a reader that
/// ignores tags.
enum BoxForger {
    /// Changes the last event of a segment for which `change` gives another one of the same length. Nil where there is
    /// none.
    static func forge(
        _ segment: [UInt8],
        master: SecretBytes,
        _ change: (SessionEvent) -> SessionEvent?
    ) throws -> [UInt8]? {
        let keys = StorageKeys(id: 1, master: master)
        let boxes = try boxes(of: segment, keys)
        guard let (box, entry, forged) = lastChange(boxes, change) else { return nil }
        let (header, tag) = try JournalSegmentHeader.decode(segment.span.bytes, with: keys)
        let cipher = JournalSegmentCipher(header, keys: keys)
        var bytes = Array(segment[..<JournalSegmentHeader.byteCount])
        var link = tag
        for (index, present) in boxes.enumerated() {
            var entries = JournalEntries()
            for (place, event) in present.events.enumerated() {
                let isForged = index == box && place == entry
                entries.append((isForged ? forged : event.bytes).span.bytes, at: event.lsn)
            }
            link = cipher.seal(
                entries,
                number: present.box.number,
                link: link,
                durableLSN: present.box.durableLSN,
                clocks: present.box.clocks,
                random: SeededRandom(seed: 1),
                appendingTo: &bytes
            )
        }
        return bytes + segment[bytes.count...]
    }

    private struct Box {
        let box: JournalBox
        let events: [(lsn: LogSequenceNumber, bytes: [UInt8])]
    }

    private static func boxes(of segment: [UInt8], _ keys: StorageKeys) throws -> [Box] {
        let (header, tag) = try JournalSegmentHeader.decode(segment.span.bytes, with: keys)
        var reader = JournalSegmentReader(header, tag: tag, keys: keys)
        var boxes: [Box] = []
        while case .box(let box) = reader.next(in: segment.span.bytes) {
            var events: [(lsn: LogSequenceNumber, bytes: [UInt8])] = []
            try JournalEntries.forEach(
                in: reader.plaintext.span.bytes,
                firstLSN: box.firstLSN,
                count: box.eventCount
            ) { bytes, lsn in
                events.append((lsn, bytes.withUnsafeBytes { Array($0) }))
            }
            boxes.append(Box(box: box, events: events))
        }
        return boxes
    }

    private static func lastChange(
        _ boxes: [Box],
        _ change: (SessionEvent) -> SessionEvent?
    ) -> (box: Int, entry: Int, bytes: [UInt8])? {
        for (box, content) in boxes.enumerated().reversed() {
            for (entry, event) in content.events.enumerated().reversed() {
                guard let forged = SessionEvent(decoding: event.bytes.span.bytes).flatMap(change) else { continue }
                var bytes: [UInt8] = []
                forged.encode(appendingTo: &bytes)
                if bytes.count == event.bytes.count {
                    return (box, entry, bytes)
                }
            }
        }
        return nil
    }
}
