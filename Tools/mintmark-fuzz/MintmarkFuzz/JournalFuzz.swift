import MintmarkCrypto
import MintmarkInMemory
import MintmarkSessions

/// Bytes as a segment of the journal, as the plaintext of a box, and as events in boxes that are authentic.
///
/// Whatever is in a file, reading it ends with a box, an end or a fault. Whatever events say, they are put into a store
/// or refused, and the store that comes of it can be read.
package enum JournalFuzz {
    private static let clocks = JournalClocks(serviceMilliseconds: 1_000, storeSeconds: 1_000, issuedAtMax: 1_000)

    /// The input's first byte says what the rest is. Stops the process when something is not as it should be.
    package static func run(_ input: [UInt8]) {
        let rest = input.dropFirst()
        switch input.first.map({ $0 % 3 }) {
        case 0: readSegment(behind: header(), Array(rest))
        case 1: readEntries(Array(rest))
        case 2: foldEvents(StorageFuzz.parts(of: rest).filter { !$0.isEmpty })
        default: break
        }
        if input.count >= JournalSegmentHeader.byteCount {
            _ = try? JournalSegmentHeader.decode(input.span.bytes, with: StorageFuzz.keys)
            _ = try? StoreManifest(decoding: input.span.bytes, with: StorageFuzz.keys)
        }
    }

    private static func header() -> JournalSegmentHeader {
        JournalSegmentHeader(
            origin: .first,
            keyID: StorageFuzz.keys.id,
            storeID: StorageFuzz.storeID,
            number: 1,
            lastLSN: .zero,
            link: .zero,
            durableLSN: .zero,
            firstBoxNumber: 0,
            random: RepeatableRandom()
        )
    }

    private static func readSegment(behind header: JournalSegmentHeader, _ boxes: [UInt8]) {
        var bytes: [UInt8] = []
        let tag = header.encode(with: StorageFuzz.keys, appendingTo: &bytes)
        bytes += boxes
        var reader = JournalSegmentReader(header, tag: tag, keys: StorageFuzz.keys)
        var offset = reader.offset
        while case .box = reader.next(in: bytes.span.bytes) {
            precondition(reader.offset > offset && reader.offset <= bytes.count, "a box takes bytes that are there")
            offset = reader.offset
        }
        if case .damaged(let place) = reader.tail(in: bytes.span.bytes) {
            precondition(place >= offset && place < bytes.count, "a witness stands behind what is missing")
        }
    }

    /// The first three bytes are the number of events and of the first one.
    private static func readEntries(_ bytes: [UInt8]) {
        guard bytes.count > 3 else { return }
        let plaintext = Array(bytes.dropFirst(3))
        var last = LogSequenceNumber.zero
        let firstLSN = LogSequenceNumber(UInt64(bytes[1]) << 8 | UInt64(bytes[2]))
        try? JournalEntries.forEach(in: plaintext.span.bytes, firstLSN: firstLSN, count: Int(bytes[0])) { event, lsn in
            precondition(event.byteCount > 0 && event.byteCount <= plaintext.count, "an event lies in its box")
            precondition(lsn == firstLSN || lsn > last, "the numbers of events rise")
            last = lsn
        }
    }

    /// Each event in a box of its own, so that those before a bad one have their effect.
    private static func foldEvents(_ events: [[UInt8]]) {
        let header = header()
        var bytes: [UInt8] = []
        let tag = header.encode(with: StorageFuzz.keys, appendingTo: &bytes)
        let cipher = JournalSegmentCipher(header, keys: StorageFuzz.keys)
        var link = tag
        for (index, event) in events.enumerated() {
            var entries = JournalEntries()
            entries.append(event.span.bytes, at: LogSequenceNumber(UInt64(index) + 1))
            link = cipher.seal(
                entries,
                number: UInt64(index),
                link: link,
                durableLSN: LogSequenceNumber(UInt64(index)),
                clocks: clocks,
                random: RepeatableRandom(),
                appendingTo: &bytes
            )
        }
        fold(bytes, header, tag, boxCount: events.count)
    }

    private static func fold(_ bytes: [UInt8], _ header: JournalSegmentHeader, _ tag: JournalLink, boxCount: Int) {
        var reader = JournalSegmentReader(header, tag: tag, keys: StorageFuzz.keys)
        var fold = StorageFuzz.fold()
        var count = 0
        while case .box(let box) = reader.next(in: bytes.span.bytes) {
            count += 1
            let plaintext = reader.plaintext
            guard (try? fold.apply(box, entries: plaintext.span.bytes)) != nil else { return }
        }
        precondition(count == boxCount, "every box that was written is read")
        fold.finish()
        for number in 0..<fold.store.shardCount { _ = fold.store.copyShard(number) }
    }
}
