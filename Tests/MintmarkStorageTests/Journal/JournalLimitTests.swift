import Glibc
import MintmarkCrypto
import MintmarkSessions
import MintmarkSessionsTestSupport
import Synchronization
import Testing

@testable import MintmarkStorage

/// Each bound of the journal: one below it, at it, one above it.
@Suite struct JournalLimitTests {
    private static let keys = StorageKeys(id: 1, master: StorageFixture.master)

    private static func journal(
        in directory: MemoryDirectory = MemoryDirectory(),
        _ change: (inout FileJournal.Settings) -> Void
    ) throws -> FileJournal {
        var settings = FileJournal.Settings()
        settings.segmentByteCount = FileJournal.segmentByteCountMin
        change(&settings)
        let journal = FileJournal(in: directory, settings: settings, random: SeededRandom(seed: 1)) {}
        try journal.begin(
            JournalStore(id: StorageID(random: SeededRandom(seed: 2)), keys: keys, clocks: { .zero }),
            origin: .first,
            segment: 1,
            position: JournalPosition(boxNumber: 0, link: .zero, lastLSN: .zero),
            lastLSN: .zero
        )
        return journal
    }

    private func append(_ byteCount: Int, to journal: FileJournal) -> LogSequenceNumber? {
        let event = [UInt8](repeating: 3, count: byteCount)
        return journal.append(event.span.bytes, isAlwaysSynced: false)
    }

    @Test(arguments: [-1, 0, 1])
    func waitingBytes(difference: Int) throws {
        let journal = try Self.journal { $0.waitingByteCountMax = 1_000 }
        #expect(append(500, to: journal) != nil)
        // The first event waits with its step and its length, three bytes.
        #expect((append(497 + difference, to: journal) != nil) == (difference <= 0))
        journal.commit(atMilliseconds: 0)
        #expect(append(1_000, to: journal) != nil, "what was written does not wait any more")
    }

    /// What lags is what was taken and is not durable yet.
    @Test func lagIsWhatIsNotDurable() throws {
        let journal = try Self.journal { _ in }
        #expect(journal.lagEvents == 0)
        for count: UInt64 in 1...3 {
            #expect(append(10, to: journal) != nil)
            #expect(journal.lagEvents == count)
        }
        journal.commit(atMilliseconds: 0)
        #expect(journal.lagEvents == 0)
        #expect(append(10, to: journal) != nil)
        #expect(journal.lagEvents == 1)
    }

    /// Whoever asks while others append and commit never reads more than could be underway.
    @Test func lagIsNeverMoreThanWasAppended() async throws {
        let journal = try Self.journal { _ in }
        let count: UInt64 = 2_000
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for _ in 0..<count {
                    #expect(append(10, to: journal) != nil)
                    journal.commit(atMilliseconds: 0)
                }
            }
            group.addTask {
                while journal.lastLSN.rawValue < count {
                    #expect(journal.lagEvents <= 1)
                }
            }
            try await group.waitForAll()
        }
        #expect(journal.lagEvents == 0)
    }

    /// A queue that is never quite empty forgets what was written all the same.
    @Test func whatWasTakenDoesNotWait() {
        var queue = JournalQueue()
        let event = [UInt8](repeating: 3, count: 10_000)
        var lsn = LogSequenceNumber.zero
        for _ in 0..<1_000 {
            while queue.byteCount < 2 * JournalBox.byteCountMax {
                lsn = lsn.next
                queue.append(event.span.bytes, at: lsn, isAlwaysSynced: false)
            }
            let before = queue.byteCount
            let batch = queue.takeFirst()
            #expect(queue.byteCount == before - (batch?.entries.bytes.count ?? 0))
            #expect(!queue.isEmpty)
        }
        while queue.takeFirst() != nil {}
        #expect(queue.byteCount == 0)
    }

    @Test(arguments: [-1, 0, 1])
    func theLastBoxOfASegment(difference: Int) throws {
        var entries = JournalEntries()
        let event: [UInt8] = [10]
        entries.append(event.span.bytes, at: LogSequenceNumber(1))
        let boxByteCount = JournalBox.byteCount(forEntriesOf: entries.bytes.count)
        let header = JournalSegmentHeader(
            origin: .first,
            keyID: 1,
            storeID: .zero,
            number: 1,
            lastLSN: .zero,
            link: .zero,
            durableLSN: .zero,
            firstBoxNumber: 0,
            random: SeededRandom(seed: 1)
        )
        let segment = try SegmentWriter(
            creating: header,
            in: MemoryDirectory(),
            keys: Self.keys,
            byteCountMax: JournalSegmentHeader.byteCount + boxByteCount + difference
        )
        #expect(segment.fits(entries) == (difference >= 0))
    }

    /// Full segments follow one another; none is longer than it may be, and every event is in them.
    @Test func segmentsAreFilledToTheirEnd() throws {
        let directory = MemoryDirectory()
        let journal = try Self.journal(in: directory) { _ in }
        for _ in 0..<400 {
            #expect(append(16_000, to: journal) != nil)
            journal.commit(atMilliseconds: 0)
        }
        let segments = directory.files.filter { StoreFiles.segmentNumber($0.key) != nil }
        #expect(segments.count == 4)
        #expect(segments.values.allSatisfy { $0.count <= FileJournal.segmentByteCountMin })
        #expect(journal.durableLSN == LogSequenceNumber(400))
    }

    /// What waits for room is not tried again and again at once.
    @Test func aSegmentThatCannotBeMadeIsTriedAgainAfterAWhile() throws {
        let directory = MemoryDirectory()
        let journal = try Self.journal(in: directory) { _ in }
        directory.fault = { operation, _ in operation == .allocate ? ENOSPC : nil }
        for _ in 0..<250 {
            #expect(append(16_000, to: journal) != nil)
        }
        for now in [5_000, 6_000] as [UInt64] {
            #expect(journal.commit(atMilliseconds: now) == now + JournalWriter.retryMilliseconds)
            #expect(journal.state.fault?.code == ENOSPC)
        }
        directory.fault = nil
        journal.commit(atMilliseconds: 7_000)
        #expect(journal.durableLSN >= LogSequenceNumber(250))
        #expect(journal.isWritable)
    }

    /// A sync is slow from a second on: until it has ended the store does not serve.
    @Test(arguments: [-1, 0, 1])
    func aSlowSync(difference: Int) throws {
        let directory = MemoryDirectory()
        let journal = try Self.journal(in: directory) { _ in }
        let now = UInt64(5_000 + Int(FileJournal.lagMillisecondsMax) + difference)
        let wasServing = Mutex<Bool?>(nil)
        directory.fault = { operation, _ in
            if operation == .synchronize {
                let isServing = journal.isServing(atMilliseconds: now)
                wasServing.withLock { $0 = isServing }
            }
            return nil
        }
        #expect(append(10, to: journal) != nil)
        journal.commit(atMilliseconds: 5_000)
        #expect(wasServing.withLock { $0 } == (difference < 0))
        #expect(journal.isServing(atMilliseconds: now))
        directory.fault = { operation, _ in operation == .synchronize ? EIO : nil }
        #expect(append(10, to: journal) != nil)
        journal.commit(atMilliseconds: now)
        #expect(!journal.isServing(atMilliseconds: now))
    }

    @Test func segmentLengthsOutsideOfTheLimitsAreAProgrammersError() async {
        await #expect(processExitsWith: .failure) {
            _ = try JournalLimitTests.journal { $0.segmentByteCount = FileJournal.segmentByteCountMin - 1 }
        }
        await #expect(processExitsWith: .failure) {
            _ = try JournalLimitTests.journal { $0.segmentByteCount = FileJournal.segmentByteCountMax + 1 }
        }
        await #expect(processExitsWith: .success) {
            _ = try JournalLimitTests.journal { $0.segmentByteCount = FileJournal.segmentByteCountMin }
            _ = try JournalLimitTests.journal { $0.segmentByteCount = FileJournal.segmentByteCountMax }
        }
    }

    /// Commits of sixteen rotations take at most 120 bytes for each.
    @Test func rotationsAreSmall() throws {
        let fixture = StorageFixture(MemoryDirectory())
        try fixture.start()
        var tokens = try (0..<16).map { _ in try #require(fixture.open().granted).token }
        fixture.work()
        fixture.advance(milliseconds: 1)
        let before = fixture.journal.counters.bytes
        for index in tokens.indices {
            tokens[index] = try #require(fixture.refresh(tokens[index]).granted).token
        }
        fixture.work()
        #expect(fixture.journal.counters.bytes - before <= 16 * 120)
    }
}
