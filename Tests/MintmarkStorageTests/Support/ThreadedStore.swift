import MintmarkCrypto
import MintmarkSessions
import MintmarkSessionsTestSupport

@testable import MintmarkStorage

/// A store with its threads, and what they tell.
final class ThreadedStore: Sendable {
    enum Event: Sendable {
        case advanced(LogSequenceNumber)
        case state(FileJournal.State)
        case heldUp(Bool)
        case snapshot(SnapshotRecord)
        case noSnapshot(SnapshotFailure)
    }

    let store: SessionStore
    let journal: FileJournal
    let threads: StorageThreads
    private let events: AsyncStream<Event>

    /// - Parameter watchIntervalMilliseconds: by default nobody looks at whether the disk answers.
    init(
        _ directory: any StorageDirectory,
        mode: DurabilityMode = .always,
        watchIntervalMilliseconds: UInt64 = .max
    ) throws {
        let opening = try StoreOpening(directory, master: StorageFixture.master)
        let signal = WakeSignal()
        var journalSettings = FileJournal.Settings()
        journalSettings.mode = mode
        journalSettings.segmentByteCount = FileJournal.segmentByteCountMin
        journal = FileJournal(in: directory, settings: journalSettings, random: SystemRandom()) { signal.raise() }
        store = SessionStore(
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
        let (events, told) = AsyncStream.makeStream(of: Event.self)
        self.events = events
        journal.onAdvance { [weak store] lsn, milliseconds in
            store?.durabilityAdvanced(to: lsn, atMilliseconds: milliseconds)
            told.yield(.advanced(lsn))
        }
        var threadSettings = StorageThreads.Settings()
        threadSettings.watchIntervalMilliseconds = watchIntervalMilliseconds
        threads = StorageThreads(storage, journalSignal: signal, settings: threadSettings)
        threads.start(
            StorageThreads.Observer(
                stateChanged: { told.yield(.state($0)) },
                heldUp: { told.yield(.heldUp($0)) },
                snapshotTaken: { told.yield(.snapshot($0)) },
                snapshotFailed: { told.yield(.noSnapshot($0)) }
            )
        )
    }

    /// Opens a session; nil when the disk stands in the way.
    func open(subject: String = "alice") -> Granted? {
        var grant = GrantBuffer()
        return store.open(subject: subject, now: TestClocks().now, grant: &grant).granted
    }

    /// Returns when something was told that is looked for, now or from the last call on.
    func wait(_ isLookedFor: (Event) -> Bool) async {
        for await event in events where isLookedFor(event) {
            return
        }
    }

    /// Returns when the journal has got as far.
    func waitUntilDurable(_ lsn: LogSequenceNumber) async {
        guard journal.durableLSN < lsn else { return }
        await wait { event in
            guard case .advanced(let durable) = event else { return false }
            return durable >= lsn
        }
    }

    func waitUntilFailed() async {
        await wait { event in
            guard case .state(.failed) = event else { return false }
            return true
        }
    }

    func waitUntilOpen() async {
        await wait { event in
            guard case .state(.open) = event else { return false }
            return true
        }
    }
}
