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
    private(set) var lifeCount = 0
    /// What happens to the power when the process dies; nil: either, by chance.
    var powerAtDeath: SimulatedDisk.Power?
    /// While clients call in the middle of a snapshot, and what they found to be wrong.
    var isCalling = false
    var breachDuringSnapshot: (any Error)?

    let directory: WatchedDirectory
    private var recording: RecordingJournal?
    /// What may be found after a stop: states that a snapshot may hold, each with the last event in it.
    private var bases: [Base] = [Base(model: StoreModel(), lsn: .zero)]
    private var lastLife = LastLife()
    /// Events that have a number, of this life.
    private var entries: [RecordingJournal.Entry] { recording?.entries ?? [] }
    /// The greatest number up to which answers have left.
    private var releasedLSN = LogSequenceNumber.zero
    /// The same for what a power loss must leave in the mode `interval`, and what leads there.
    private var syncedLSN = LogSequenceNumber.zero
    private var releases: [(lsn: LogSequenceNumber, milliseconds: UInt64)] = []
    private var greatestEpoch = StoreEpoch(rawValue: 0)

    private struct Base {
        let model: StoreModel
        let lsn: LogSequenceNumber
    }

    /// What is known of the life that has ended.
    private struct LastLife {
        var entries: [RecordingJournal.Entry] = []
        var refused: [SessionEvent] = []
        /// The last event that must be found.
        var floor = LogSequenceNumber.zero
        /// Whether acknowledged changes may be lost.
        var mayHaveForgotten = false
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

    // MARK: Lives

    /// Starts the store until it serves. A start may fail because the disk does, or because the process dies; never
    /// because of what is on the disk.
    func start() throws {
        for _ in 0..<20 {
            do {
                try fixture.start()
            } catch let error as RecoveryFailure {
                guard case .system(let fault) = error.reason else { throw Breach("it does not start: \(error)") }
                try recover(from: fault)
                continue
            } catch let error as StorageStartFailure {
                try recover(from: error)
                continue
            }
            lifeCount += 1
            try compare()
            return
        }
        throw Breach("it does not start")
    }

    private func recover(from failure: StorageStartFailure) throws {
        switch failure {
        case .system(let fault), .snapshot(.system(let fault)), .journal(.some(let fault)):
            try recover(from: fault)
        case .snapshot(.unverified(let unverified)):
            guard case .system(let fault) = unverified.reason else { throw Breach("it does not start: \(failure)") }
            try recover(from: fault)
        default:
            throw Breach("it does not start: \(failure)")
        }
    }

    private func recover(from fault: StorageFault) throws {
        guard fault.code == SimulatedDisk.deadCode || disk.hasFaults else {
            throw Breach("it does not start: \(fault)")
        }
        disk.note("start failed: \(fault)")
        if fault.code != SimulatedDisk.deadCode {
            disk.heal()
        }
        // What was begun in the start that failed may be found, or not.
        disk.crash(power: nextPower())
    }

    func nextPower() -> SimulatedDisk.Power {
        powerAtDeath ?? (Bool.random(using: &generator) ? .kept : .lost)
    }

    /// Ends the life as a killed process or a power loss does, and begins the next one.
    func crash(power: SimulatedDisk.Power) throws {
        try look()
        try checkMemory()
        fixture.kill()
        try goOn(power: power)
    }

    /// Ends the life as a clean stop does, takes the power away or not, and begins the next one.
    func stop(power: SimulatedDisk.Power) throws {
        try look()
        noteSnapshot()
        if fixture.stop() == nil {
            // Everything that was appended is durable, whatever the mode.
            settleSnapshot()
            try look(upTo: max(releasedLSN, entries.last?.lsn ?? .zero))
            lastLife = LastLife(entries: entries, refused: recording?.refused ?? [], floor: releasedLSN)
            disk.crash(power: power)
            try start()
        } else {
            try goOn(power: power)
        }
    }

    private func goOn(power: SimulatedDisk.Power) throws {
        lastLife = LastLife(entries: entries, refused: recording?.refused ?? [], floor: floor(power))
        lastLife.mayHaveForgotten = settings.mode == .snapshot || lastLife.floor < releasedLSN
        disk.crash(power: power)
        try start()
    }

    /// Ends the life as a killed process does, changes bits of a file, and begins the next one, which may be refused:
    /// then nothing was changed, and all is there again when the bits are as they were.
    func crash(flipping mask: UInt8, at offset: Int, of name: String) throws {
        try look()
        fixture.kill()
        lastLife = LastLife(entries: entries, refused: recording?.refused ?? [], floor: releasedLSN)
        disk.crash(power: .kept)
        let segments = disk.contents.fileNames.compactMap(StoreFiles.segmentNumber)
        disk.flip(mask, at: offset, of: name)
        let before = disk.contents
        do {
            try fixture.start()
        } catch let refusal as RecoveryFailure {
            guard refusal.file == name else { throw Breach("\(name) was changed, and \(refusal)") }
            for name in before.fileNames where disk.contents.bytes(of: name) != before.bytes(of: name) {
                throw Breach("\(name) was changed by a start that was refused: \(refusal)")
            }
            disk.flip(mask, at: offset, of: name)
            return try start()
        }
        // No rule can tell a last box that was changed from a torn one.
        if name == segments.max().map(StoreFiles.segment) {
            lastLife.floor = .zero
        }
        try match(StoreModel(of: fixture.store))
    }

    /// The last event that must be found after a stop.
    private func floor(_ power: SimulatedDisk.Power) -> LogSequenceNumber {
        let alwaysSynced = entries.last { $0.event.isAlwaysSynced && $0.lsn <= releasedLSN }?.lsn ?? .zero
        return switch settings.mode {
        case .always: releasedLSN
        case .interval: power == .kept ? releasedLSN : max(syncedLSN, alwaysSynced)
        case .snapshot: alwaysSynced
        }
    }
}

// MARK: Looking

extension StoreSimulation {
    /// Lets the answers leave that may, and takes note of it. After each step.
    func look() throws {
        guard fixture.isRunning else { return }
        greatestEpoch = max(greatestEpoch, fixture.store.epoch)
        try look(upTo: fixture.journal.durableLSN)
    }

    private func look(upTo durable: LogSequenceNumber) throws {
        guard durable >= releasedLSN else { throw Breach("what was durable is not: \(durable)") }
        releasedLSN = durable
        ledger.released(upTo: durable)
    }

    /// Takes note, after a commit, of what a power loss must leave in the mode `interval`.
    func noteCommit() {
        guard case .interval(let milliseconds) = settings.mode, isWritable else { return }
        let now = fixture.milliseconds
        while let oldest = releases.first, oldest.milliseconds + milliseconds <= now {
            syncedLSN = max(syncedLSN, oldest.lsn)
            releases.removeFirst()
        }
        releases.append((fixture.journal.durableLSN, now))
    }

    /// A snapshot of everything so far is going to be taken; it may come to count.
    func noteSnapshot() {
        guard settings.mode == .snapshot else { return }
        var model = bases[bases.count - 1].model
        for entry in entries where entry.lsn > bases[bases.count - 1].lsn {
            model.apply(entry)
        }
        bases.append(Base(model: model, lsn: fixture.journal.lastLSN))
    }

    /// The snapshot that was noted last counts.
    func settleSnapshot() {
        bases.removeFirst(bases.count - 1)
    }

    /// Whether the store in memory is what its events say.
    func checkMemory() throws {
        guard let recording, settings.mode != .snapshot else { return }
        var model = bases[0].model
        for entry in recording.entries {
            model.apply(entry)
        }
        let doubt = StoreModel.Doubt(recording.refused)
        if let difference = model.difference(from: StoreModel(of: fixture.store), doubting: doubt) {
            throw Breach("in memory: \(difference)")
        }
    }

    /// Compares a store that has started with what was acknowledged, and goes on from it.
    private func compare() throws {
        let found = StoreModel(of: fixture.store)
        try match(found)
        let epoch = fixture.store.epoch
        guard epoch > greatestEpoch else { throw Breach("epoch \(epoch) after \(greatestEpoch)") }
        greatestEpoch = epoch
        guard fixture.journal.lastLSN > lastLife.floor else { throw Breach("numbers are given again") }
        bases = [Base(model: found, lsn: fixture.journal.lastLSN)]
        releasedLSN = fixture.journal.durableLSN
        syncedLSN = releasedLSN
        releases = []
        try ledger.meet(fixture, mayHaveForgotten: lastLife.mayHaveForgotten)
    }

    /// What is found must be the state after some event at or behind the last one that was released.
    private func match(_ found: StoreModel) throws {
        var nearest: String?
        for base in bases.reversed() {
            var model = base.model
            let isRelaxed = settings.mode == .snapshot
            let rest = lastLife.entries.filter { $0.lsn > base.lsn && (!isRelaxed || $0.event.isAlwaysSynced) }
            let doubt = StoreModel.Doubt(lastLife.refused)
            var place = 0
            while true {
                let isComplete = place == rest.count || rest[place].lsn > lastLife.floor
                if isComplete {
                    guard let difference = model.difference(from: found, doubting: doubt) else { return }
                    nearest = nearest ?? "\(difference), after event \(place == 0 ? base.lsn : rest[place - 1].lsn)"
                }
                guard place < rest.count else { break }
                model.apply(rest[place])
                place += 1
            }
        }
        throw Breach("to be found up to event \(lastLife.floor): \(nearest ?? "no state fits")")
    }
}
