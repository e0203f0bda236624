import MintmarkCrypto
import MintmarkSessionsTestSupport

@testable import MintmarkSessions

/// Writes what a store did to boxes in memory, and reads it into another store.
///
/// The service clock of each box and how far it says that events were durable are the test's to choose.
struct RecoveryFixture {
    /// The store that things happen in; durable on command.
    let original: StoreFixture
    private var segment = SegmentSample()
    private var taken = 0

    init(isDurableAtOnce: Bool = false, seed: UInt64 = 7) {
        original = StoreFixture(journal: TestJournal(isDurableAtOnce: isDurableAtOnce), seed: seed)
    }

    /// Writes the events since the last call as one box, under the clocks of now.
    ///
    /// - Parameter durableLSN: nil: everything in the boxes before.
    mutating func write(durableLSN: LogSequenceNumber? = nil) {
        let entries = original.journal.entries
        let now = original.now
        let clocks = JournalClocks(
            serviceMilliseconds: now.serviceMilliseconds,
            storeSeconds: now.storeSeconds,
            issuedAtMax: original.store.cutOffs.greatestIssuedAt
        )
        segment.append(
            entries[taken...].map(\.bytes),
            firstLSN: entries[taken].lsn.rawValue,
            durableLSN: durableLSN?.rawValue,
            clocks: clocks
        )
        taken = entries.count
    }

    /// A box without an event of the store, as one is written every second. Its number is not given to any other event.
    mutating func writeClock() {
        appendClock()
        write()
    }

    /// The event alone, without its box.
    func appendClock() {
        let clock = [JournalEvent.clockKind]
        _ = original.journal.append(clock.span.bytes, isAlwaysSynced: false)
    }

    /// Reads the boxes, behind a snapshot if there is one, into a new store.
    func recover(
        snapshot: SnapshotSample? = nil,
        limits: SessionStoreLimits = SessionStoreLimits()
    ) throws(StorageFormatFault) -> (store: StoreFixture, fold: RecoveryFold) {
        let fixture = StoreFixture(limits: limits, seed: 100)
        var fold = RecoveryFold(into: fixture.store)
        if let snapshot {
            var decoder = try SnapshotDecoder(header: snapshot.header.span.bytes, keys: StorageSamples.keys)
            for chunk in snapshot.chunks {
                try decoder.take(chunk.span.bytes, fold.receiver)
            }
            if let facts = decoder.facts {
                fold.apply(facts, marks: decoder.marks)
            }
        }
        var reader = JournalSegmentReader(segment.header, tag: segment.tag, keys: StorageSamples.keys)
        reading: while true {
            switch reader.next(in: segment.bytes.span.bytes) {
            case .box(let box): try fold.apply(box, entries: reader.plaintext.span.bytes)
            case .end: break reading
            case .fault(let fault): throw fault
            }
        }
        fold.finish()
        fixture.clocks = original.clocks
        fixture.clocks.serviceMilliseconds = fold.clocks.serviceMilliseconds
        return (fixture, fold)
    }
}
