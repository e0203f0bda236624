import MintmarkCrypto
import MintmarkSessions
import MintmarkSessionsTestSupport
import NIOConcurrencyHelpers

@testable import MintmarkStorage

/// A store on a directory, that can be stopped, killed and started again, with requests in one line.
///
/// Nothing runs by itself: the test calls ``work()``. For use by one thread.
final class StorageFixture {
    /// Stands where the test puts it.
    let clocks = NIOLockedValueBox(TestClocks())
    /// What the journal goes by.
    private let monotonic = NIOLockedValueBox<UInt64>(1_000_000)
    private let directory: any StorageDirectory
    private let master: SecretBytes
    private let settings: FileJournal.Settings
    private let random: SeededRandom
    private var grant = GrantBuffer()
    private var life: Life?
    /// What the store is given for a journal; by default the journal itself.
    var journalOfStore: (FileJournal) -> any SessionJournal = { $0 }

    private struct Life {
        let store: SessionStore
        let journal: FileJournal
        let storage: SessionStorage
        let report: RecoveryReport
    }

    static let master = SecretBytes(count: 32, random: SeededRandom(seed: 1))

    init(
        _ directory: any StorageDirectory,
        mode: DurabilityMode = .always,
        master: SecretBytes = StorageFixture.master,
        seed: UInt64 = 1,
        _ change: (inout FileJournal.Settings) -> Void = { _ in }
    ) {
        self.directory = directory
        self.master = master
        random = SeededRandom(seed: seed)
        var settings = FileJournal.Settings()
        settings.mode = mode
        settings.segmentByteCount = FileJournal.segmentByteCountMin
        change(&settings)
        self.settings = settings
    }

    var store: SessionStore { present.store }
    var journal: FileJournal { present.journal }
    var storage: SessionStorage { present.storage }
    var report: RecoveryReport { present.report }

    private var present: Life {
        guard let life else { preconditionFailure("a store that was not started") }
        return life
    }

    var now: SessionInstant { clocks.withLockedValue(\.now) }
    var milliseconds: UInt64 { monotonic.withLockedValue(\.self) }

    var isRunning: Bool { life != nil }

    /// Begins a life. The service clock and store time go on from what was kept.
    func start() throws {
        let opening = try StoreOpening(directory, master: master)
        let journal = FileJournal(in: directory, settings: settings, random: random) {}
        let store = SessionStore(
            limits: SessionStoreLimits(),
            codec: RefreshTokenCodec(keys: opening.tokenKeys),
            epoch: opening.epoch,
            journal: journalOfStore(journal),
            random: random
        )
        let recovered = try opening.recover(into: store)
        clocks.withLockedValue { clocks in
            if !opening.isNew {
                clocks.serviceMilliseconds = recovered.clocks.serviceMilliseconds
            }
            clocks.storeSeconds = max(recovered.clocks.storeSeconds, clocks.wallSeconds)
        }
        journal.onAdvance { [weak store] lsn, milliseconds in
            store?.durabilityAdvanced(to: lsn, atMilliseconds: milliseconds)
        }
        let storage = try SessionStorage(
            recovered,
            store: store,
            journal: journal,
            random: random,
            wallMilliseconds: now.wallSeconds * 1_000,
            atMilliseconds: milliseconds
        ) { [clocks] in
            clocks.withLockedValue(\.now)
        }
        // As the daemon does from the start: so the store knows the wall clock.
        store.sweep(steps: 0, now: now)
        life = Life(store: store, journal: journal, storage: storage, report: recovered.report)
    }

    /// Ends the life without a word: what a killed process does.
    func kill() {
        life = nil
    }

    /// Ends the life as a clean stop does.
    func stop() -> SnapshotFailure? {
        let failure = storage.end { [monotonic] in monotonic.withLockedValue(\.self) }
        life = nil
        return failure
    }

    /// Writes what waits; after a failure, looks for the way back when it is time for it.
    func work() {
        if case .failed = journal.state {
            _ = storage.findWayBack { milliseconds }
        } else {
            _ = storage.work(atMilliseconds: milliseconds)
        }
    }

    /// Goes on, after a failure, when it is time for it.
    func comeBack() {
        let due = storage.wayBackDueMilliseconds
        let wait = due == .max ? JournalWriter.retryMilliseconds : max(due, milliseconds) - milliseconds
        advance(milliseconds: wait)
        work()
    }

    func snapshot() -> SnapshotFailure? {
        storage.takeSnapshot { [monotonic] in monotonic.withLockedValue(\.self) }
    }

    /// The same; `turn` is where the journal's part is done.
    func takeSnapshot(withJournal turn: (@escaping @Sendable () -> Void) -> Void) -> SnapshotFailure? {
        let now: @Sendable () -> UInt64 = { [monotonic] in monotonic.withLockedValue(\.self) }
        return storage.takeSnapshot(atMilliseconds: now, withJournal: turn)
    }

    /// Lets time pass; as in the daemon the service clock stands still while the store does not serve.
    func advance(milliseconds: UInt64) {
        let isServing = life?.journal.isServing(atMilliseconds: self.milliseconds) ?? false
        monotonic.withLockedValue { $0 += milliseconds }
        clocks.withLockedValue { clocks in
            let service = clocks.serviceMilliseconds
            clocks.advance(milliseconds: milliseconds)
            if !isServing {
                clocks.serviceMilliseconds = service
            }
        }
    }

    // MARK: Requests

    func open(
        subject: String = "alice",
        claims: String = #"{"plan":"pro"}"#,
        caller: SessionCaller = .client()
    ) -> Outcome {
        store.open(subject: subject, claims: claims, caller: caller, now: now, grant: &grant)
    }

    func refresh(_ token: [UInt8], caller: SessionCaller = .client()) -> Outcome {
        store.refresh(token, caller: caller, now: now, grant: &grant)
    }

    func introspect(_ token: [UInt8], caller: SessionCaller = .client()) -> SessionIntrospection {
        store.introspect(refreshToken: token.span.bytes, caller: caller, now: now, grant: &grant)
    }

    /// Of the last call that was granted, or found active.
    var grantOutcome: RotationOutcome { grant.outcome }

    func force(_ aim: SessionAim) -> SessionMutation {
        store.forceRotation(aim, now: now)
    }

    func revoke(_ aim: SessionAim) -> SessionMutation {
        store.revoke(aim, now: now) { self.now.wallSeconds }
    }

    /// Every record in the store, by session id.
    var records: [SessionID: SessionRecord] {
        var records: [SessionID: SessionRecord] = [:]
        for number in 0..<store.shardCount {
            store.copyShard(number).forEach { records[$0.state.id] = $0 }
        }
        return records
    }
}
