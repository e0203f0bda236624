import MintmarkSessions

/// What stands in the journal behind the place where it can no longer be followed.
struct LostJournal {
    private(set) var boxes = 0
    private(set) var events = 0
    private(set) var revocations = 0
    private(set) var lastLSN = LogSequenceNumber.zero
    private(set) var clocks = JournalClocks.zero
    private(set) var epoch = StoreEpoch(rawValue: 0)

    private let reader: StoreReader

    /// Reads every box that opens from `offset` in the segment `number` on.
    ///
    /// - Parameter revoke: is given each revocation and cut-off.
    init(
        _ reader: StoreReader,
        from number: UInt64,
        offset: Int,
        unused: [UInt64],
        revoke: (SessionEvent, LogSequenceNumber) -> Void
    ) {
        self.reader = reader
        let names = (try? reader.directory.list()) ?? []
        for present in names.compactMap(StoreFiles.segmentNumber).sorted() {
            guard present >= number, !unused.contains(present) else { continue }
            // One whose header is damaged cannot be opened: its key is made with what stood there.
            guard let segment = try? reader.segment(present), segment.header.storeID == reader.manifest.storeID else {
                continue
            }
            lastLSN = max(lastLSN, segment.header.lastLSN, segment.header.durableLSN)
            read(segment, from: present == number ? offset : JournalSegmentHeader.byteCount, revoke)
        }
    }

    private mutating func read(
        _ segment: StoreReader.Segment,
        from offset: Int,
        _ revoke: (SessionEvent, LogSequenceNumber) -> Void
    ) {
        let cipher = JournalSegmentCipher(segment.header, keys: reader.keys)
        let bytes = segment.bytes.span.bytes
        var plaintext: [UInt8] = []
        var place = offset
        while place < bytes.byteCount {
            plaintext.removeAll(keepingCapacity: true)
            guard let (box, _) = cipher.open(bytes.extracting(place...), appendingTo: &plaintext) else {
                place += JournalBox.alignment
                continue
            }
            place += box.byteCount
            note(box, plaintext.span.bytes, revoke)
        }
    }

    private mutating func note(
        _ box: JournalBox,
        _ entries: RawSpan,
        _ revoke: (SessionEvent, LogSequenceNumber) -> Void
    ) {
        boxes += 1
        clocks = clocks.merging(box.clocks)
        lastLSN = max(lastLSN, box.firstLSN, box.durableLSN)
        // What does not decode is as lost as the rest.
        try? JournalEntries.forEach(in: entries, firstLSN: box.firstLSN, count: box.eventCount) {
            (bytes, lsn) throws(StorageFormatFault) in
            events += 1
            lastLSN = max(lastLSN, lsn)
            guard case .session(let event)? = JournalEvent(decoding: bytes) else { return }
            switch event {
            case .changed(_, .revoked), .cutOff:
                revocations += 1
                revoke(event, lsn)
            case .epochTaken(let taken):
                epoch = max(epoch, taken)
            case .opened, .changed, .forced:
                break
            }
        }
    }
}
