import MintmarkCrypto
import MintmarkSessions
import MintmarkSessionsTestSupport
import NIOConcurrencyHelpers
import Synchronization
import Testing

@testable import MintmarkStorage

/// A disk that takes its time: nothing that answers requests waits for it.
@Suite struct SlowDiskTests {
    private let place: TestDirectory
    private let directory: SlowDirectory

    init() throws {
        place = try TestDirectory()
        directory = SlowDirectory(place.open())
    }

    /// A store with its threads, on the slow directory.
    private func start(
        snapshotTaken: @escaping @Sendable (SnapshotRecord) -> Void = { _ in },
        _ advanced: @escaping @Sendable (LogSequenceNumber) -> Void
    ) throws -> (SessionStore, StorageThreads) {
        let opening = try StoreOpening(directory, master: StorageFixture.master)
        let signal = WakeSignal()
        let journal = FileJournal(in: directory, random: SystemRandom()) { signal.raise() }
        let store = SessionStore(
            limits: SessionStoreLimits(),
            codec: RefreshTokenCodec(keys: opening.tokenKeys),
            epoch: opening.epoch,
            journal: journal,
            random: SystemRandom()
        )
        let storage = try SessionStorage(
            opening.recover(into: store),
            store: store,
            journal: journal,
            random: SystemRandom(),
            wallMilliseconds: TestClocks().wallSeconds * 1_000,
            atMilliseconds: MonotonicClock.milliseconds
        ) {
            TestClocks().now
        }
        journal.onAdvance { [weak store] lsn, milliseconds in
            store?.durabilityAdvanced(to: lsn, atMilliseconds: milliseconds)
            advanced(lsn)
        }
        let threads = StorageThreads(storage, journalSignal: signal, settings: StorageThreads.Settings())
        threads.start(
            StorageThreads.Observer(stateChanged: { _ in }, snapshotTaken: snapshotTaken, snapshotFailed: { _ in })
        )
        return (store, threads)
    }

    @Test(.timeLimit(.minutes(10))) func requestsNeverWaitForASync() async throws {
        let (advances, continuation) = AsyncStream.makeStream(of: LogSequenceNumber.self)
        let (store, threads) = try start { continuation.yield($0) }
        var grant = GrantBuffer()
        let first = try #require(store.open(now: TestClocks().now, grant: &grant).granted)
        try await wait(advances, for: first.after)

        directory.hold()
        let held = try #require(store.open(subject: "bob", now: TestClocks().now, grant: &grant).granted)
        await directory.syncBegan()
        // The disk is busy, and will be until it is let go. Everything below would never end if it waited.
        #expect(store.journal.durableLSN < held.after)
        var newest = first.token
        for _ in 0..<100 {
            newest = try #require(store.refresh(newest, now: TestClocks().now, grant: &grant).granted).token
        }
        #expect(store.revoke(.session(held.sessionID), now: TestClocks().now) { 0 } != .refused(.storage))
        #expect(store.journal.durableLSN < held.after)
        let last = store.journal.lastLSN

        directory.letGo()
        try await wait(advances, for: last)
        #expect(await threads.stop() == nil)
    }

    @Test(.timeLimit(.minutes(10))) func snapshotsAreTakenOnRequest() async throws {
        let (snapshots, continuation) = AsyncStream.makeStream(of: SnapshotRecord.self)
        let (store, threads) = try start(snapshotTaken: { continuation.yield($0) }, { _ in })
        var grant = GrantBuffer()
        _ = try #require(store.open(now: TestClocks().now, grant: &grant).granted)
        // Many, so that the threads meet in every order.
        for _ in 0..<10 {
            let number = threads.requestSnapshot()
            for await record in snapshots where record.settled >= number {
                #expect(record.published >= number)
                break
            }
        }
        #expect(threads.snapshots.sessionCount == 1)
        #expect(await threads.stop() == nil)
        #expect(store.journal.isWritable == false)
    }

    private func wait(_ advances: AsyncStream<LogSequenceNumber>, for lsn: LogSequenceNumber) async throws {
        for await durable in advances where durable >= lsn {
            return
        }
    }
}

/// A directory whose files sync only when the test lets them.
private final class SlowDirectory: StorageDirectory {
    private let directory: any StorageDirectory
    private let gate = SyncGate()

    init(_ directory: any StorageDirectory) {
        self.directory = directory
    }

    func hold() { gate.hold() }
    func letGo() { gate.letGo() }

    /// Returns when a file waits to be synced, having been held.
    func syncBegan() async {
        for await _ in gate.held {
            return
        }
    }

    func list() throws(StorageFault) -> [String] { try directory.list() }
    func create(_ name: String) throws(StorageFault) -> any StorageFile {
        SlowFile(try directory.create(name), gate)
    }
    func open(_ name: String) throws(StorageFault) -> any StorageFile { SlowFile(try directory.open(name), gate) }
    func rename(_ name: String, to newName: String) throws(StorageFault) { try directory.rename(name, to: newName) }
    func remove(_ name: String) throws(StorageFault) { try directory.remove(name) }
    func synchronize() throws(StorageFault) { try directory.synchronize() }
}

/// Lets nobody through while it is held.
private final class SyncGate: Sendable {
    /// Tells of everybody who came while it was held.
    let held: AsyncStream<Void>

    private let lock = ConditionLock(value: true)
    private let isHeld = Atomic<Bool>(false)
    private let told: AsyncStream<Void>.Continuation

    init() {
        (held, told) = AsyncStream.makeStream(of: Void.self)
    }

    func hold() {
        isHeld.store(true, ordering: .sequentiallyConsistent)
        lock.lock()
        lock.unlock(withValue: false)
    }

    func letGo() {
        isHeld.store(false, ordering: .sequentiallyConsistent)
        lock.lock()
        lock.unlock(withValue: true)
    }

    func pass() {
        if isHeld.load(ordering: .sequentiallyConsistent) {
            told.yield()
        }
        lock.lock(whenValue: true)
        lock.unlock()
    }
}

private final class SlowFile: StorageFile {
    private let file: any StorageFile
    private let gate: SyncGate

    init(_ file: any StorageFile, _ gate: SyncGate) {
        self.file = file
        self.gate = gate
    }

    var name: String { file.name }
    func byteCount() throws(StorageFault) -> Int { try file.byteCount() }
    func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(StorageFault) -> Int {
        try file.read(at: offset, into: target)
    }
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageFault) -> Int {
        try file.write(bytes, at: offset)
    }
    func allocate(_ byteCount: Int) throws(StorageFault) { try file.allocate(byteCount) }
    func truncate(to byteCount: Int) throws(StorageFault) { try file.truncate(to: byteCount) }
    func synchronize() throws(StorageFault) {
        gate.pass()
        try file.synchronize()
    }
}
