import MintmarkCrypto
import MintmarkSessions
import MintmarkSessionsTestSupport
import MintmarkTestSupport

@testable import MintmarkStorage

/// A store on a simulated disk, its clients, and everything that may happen to them, one step after the other.
///
/// After each start the store is compared with what was acknowledged: from the inside with a ``StoreModel``, from the
/// outside with a ``ClientLedger``. Everything comes from the seed.
///
/// For use by one thread, which is why nothing guards it although it can be handed around.
final class StoreSimulation: @unchecked Sendable {
    struct Settings: Sendable {
        var mode = DurabilityMode.always
        var bug: SeededBug?
        /// Whether clients call while a snapshot is being written.
        var hasCallsDuringSnapshots = false
        var sessionCountMax = 24
    }

    let seed: UInt64
    let settings: Settings
    let disk: SimulatedDisk
    let fixture: StorageFixture
    var generator: SeededGenerator
    var ledger = ClientLedger()
    /// What happens to the power when the process dies; nil: either, by chance.
    var powerAtDeath: SimulatedDisk.Power?
    /// While clients call in the middle of a snapshot, and what they found to be wrong.
    var isCalling = false
    var breachDuringSnapshot: (any Error)?

    let directory: WatchedDirectory
    var recording: RecordingJournal?
    /// What may be found after a stop: states that a snapshot may hold, each with the last event in it.
    var bases: [Base] = [Base(model: StoreModel(), lsn: .zero)]
    var lastLife = LastLife()
    /// Events that have a number, of this life.
    var entries: [RecordingJournal.Entry] { recording?.entries ?? [] }
    /// The greatest number up to which answers have left.
    var releasedLSN = LogSequenceNumber.zero
    /// The same for what a power loss must leave in the mode `interval`, and what leads there.
    var syncedLSN = LogSequenceNumber.zero
    var releases: [(lsn: LogSequenceNumber, milliseconds: UInt64)] = []
    /// Whether the disk may lack what was written and not synced: the power has gone, or a sync has failed and the cache
    /// may let go of what it takes for clean.
    var mayLackWhatWasWritten = false
    var greatestEpoch = StoreEpoch(rawValue: 0)

    struct Base {
        let model: StoreModel
        let lsn: LogSequenceNumber
    }

    /// What is known of the life that has ended.
    struct LastLife {
        var entries: [RecordingJournal.Entry] = []
        var refused: [SessionEvent] = []
        /// The last event that must be found.
        var floor = LogSequenceNumber.zero
        /// The same if the power is lost before a start has synced what it found. Nil: the same.
        var floorWithoutPower: LogSequenceNumber?
        /// Whether acknowledged changes may be lost.
        var mayHaveForgotten = false

        /// The power is lost after the end of the process, and before the next one serves.
        mutating func losePower() {
            guard let floorWithoutPower, floorWithoutPower < floor else { return }
            floor = floorWithoutPower
            mayHaveForgotten = true
        }
    }

    static let callers: [SessionCaller] = [
        .client("local"),
        .client("short") { $0.grace = GraceRule(windowMilliseconds: 2_000, uses: 2, streak: 3) },
        .client("never") { $0.rotation = .never },
        .client("periodic") { $0.rotation = .after(seconds: 60) },
    ]

    static let subjects = ["alice", "bob", "carol"]

    init(seed: UInt64, _ settings: Settings = Settings()) {
        self.seed = seed
        self.settings = settings
        disk = SimulatedDisk(seed: seed)
        directory = WatchedDirectory(disk, bug: settings.bug)
        generator = SeededGenerator(seed: seed ^ 0x51_6D_75_6C)
        fixture = StorageFixture(directory, mode: settings.mode, seed: seed)
        fixture.journalOfStore = { [unowned self] journal in
            let recording = RecordingJournal(journal, bug: settings.bug)
            self.recording = recording
            return recording
        }
    }

    /// What is to be said when a rule was broken: everything that is needed to see it again.
    func report(_ error: any Error) -> String {
        "seed \(seed), \(settings): \(error)\n\(disk.history)"
    }

    var isRunning: Bool { fixture.isRunning }

    var isWritable: Bool { fixture.isRunning && fixture.journal.isWritable }
}
