import MintmarkSessions

/// The journal as far as it can be read.
struct JournalWalk {
    var segments: [StoreFindings.Segment] = []
    var end: StoreReader.JournalEnd
    /// Why a start would refuse; nil when it would not.
    var failure: RecoveryFailure?

    /// The torn end of the last segment; nil without one.
    var tornEnd: StoreFindings.TornEnd? {
        guard failure == nil, end.tornByteCount > 0 else { return nil }
        return StoreFindings.TornEnd(
            file: StoreFiles.segment(end.segment),
            offset: end.offset,
            byteCount: end.tornByteCount
        )
    }
}

extension StoreReader {
    /// Reads the journal as ``readJournal(marks:progress:_:)`` does, and keeps what was read before a failure.
    ///
    /// - Parameter last: the segment to end with, as if there were none behind it; nil: the last one.
    func walkJournal(
        marks: SnapshotMarks,
        through last: UInt64? = nil,
        _ receive: (JournalBox, RawSpan) throws(StorageFormatFault) -> Void
    ) -> JournalWalk {
        let first = manifest.snapshot.firstSegment
        var walk = JournalWalk(end: JournalEnd(beginningAt: first, unused: []))
        var numbers: [UInt64] = []
        do throws(RecoveryFailure) {
            let unused: [UInt64]
            (numbers, unused) = try segments(through: last)
            walk.end.unused = unused
        } catch {
            walk.failure = error
            numbers = contiguousSegments(from: first)
        }
        for number in numbers {
            do throws(RecoveryFailure) {
                try read(number, isLast: number == numbers.last && walk.failure == nil, &walk, marks, receive)
            } catch {
                walk.failure = walk.failure ?? error
                break
            }
        }
        return walk
    }

    private func read(
        _ number: UInt64,
        isLast: Bool,
        _ walk: inout JournalWalk,
        _ marks: SnapshotMarks,
        _ receive: (JournalBox, RawSpan) throws(StorageFormatFault) -> Void
    ) throws(RecoveryFailure) {
        let segment = try segment(number)
        let isFirst = number == manifest.snapshot.firstSegment
        try check(segment, number, follows: isFirst ? nil : walk.end.position, marks: marks)
        var findings = StoreFindings.Segment(file: segment.name, byteCount: segment.bytes.count)
        var firstLSN: UInt64?
        walk.end.segment = number
        walk.end.segmentCount += 1
        var failure: RecoveryFailure?
        do throws(RecoveryFailure) {
            try read(segment, isLast: isLast, &walk.end) { (box, entries) throws(StorageFormatFault) in
                try receive(box, entries)
                findings.boxes += 1
                findings.events += box.eventCount
                firstLSN = firstLSN ?? box.firstLSN.rawValue
            }
        } catch {
            failure = error
        }
        findings.numbers = firstLSN.map { $0...max($0, walk.end.position.lastLSN.rawValue) }
        walk.segments.append(findings)
        if let failure { throw failure }
    }

    /// The segments from `first` on that are there without a gap.
    private func contiguousSegments(from first: UInt64) -> [UInt64] {
        let present = Set(((try? directory.list()) ?? []).compactMap(StoreFiles.segmentNumber))
        var numbers: [UInt64] = []
        while let next = numbers.last.map({ $0 + 1 }) ?? .some(first), present.contains(next) {
            numbers.append(next)
        }
        return numbers
    }
}
