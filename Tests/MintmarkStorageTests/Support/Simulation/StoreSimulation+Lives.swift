import MintmarkSessions
import MintmarkTestSupport

@testable import MintmarkStorage

/// Beginnings and ends.
extension StoreSimulation {
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
        let power = nextPower()
        if power == .lost {
            lastLife.losePower()
        }
        disk.crash(power: power)
    }

    func nextPower() -> SimulatedDisk.Power {
        powerAtDeath ?? (Bool.random(using: &generator) ? .kept : .lost)
    }

    /// Ends the life as a killed process or a power loss does, and begins the next one.
    func crash(power: SimulatedDisk.Power) throws {
        try look()
        try checkMemory()
        mayLackWhatWasWritten = mayLackWhatWasWritten(power)
        fixture.kill()
        try goOn(power: power)
    }

    /// Ends the life as a clean stop does, takes the power away or not, and begins the next one.
    func stop(power: SimulatedDisk.Power) throws {
        try look()
        noteSnapshot()
        mayLackWhatWasWritten = mayLackWhatWasWritten(power)
        if fixture.stop() == nil {
            // Everything that was appended is durable, whatever the mode.
            settleSnapshot()
            try look(upTo: max(releasedLSN, entries.last?.lsn ?? .zero))
            lastLife = LastLife(entries: entries, refused: recording?.refused ?? [], floor: releasedLSN)
            disk.crash(power: power)
            try start()
        } else {
            // The stop itself may have met a sync that failed.
            mayLackWhatWasWritten = mayLackWhatWasWritten || disk.hasFaults || disk.isShutDown
            try goOn(power: power)
        }
    }

    private func goOn(power: SimulatedDisk.Power) throws {
        lastLife = LastLife(entries: entries, refused: recording?.refused ?? [], floor: floor)
        lastLife.mayHaveForgotten = settings.mode == .snapshot || lastLife.floor < releasedLSN
        lastLife.floorWithoutPower = floor(lackingWhatWasWritten: true)
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

    /// Whether the next life may find less than was written: the power goes, or the disk has let something go.
    private func mayLackWhatWasWritten(_ power: SimulatedDisk.Power) -> Bool {
        power == .lost || fixture.journal.hasFailedToSynchronize || disk.isShutDown
    }

    /// The last event that must be found after a stop.
    private var floor: LogSequenceNumber { floor(lackingWhatWasWritten: mayLackWhatWasWritten) }

    private func floor(lackingWhatWasWritten: Bool) -> LogSequenceNumber {
        let alwaysSynced = entries.last { $0.event.isAlwaysSynced && $0.lsn <= releasedLSN }?.lsn ?? .zero
        return switch settings.mode {
        case .always: releasedLSN
        case .interval: lackingWhatWasWritten ? max(syncedLSN, alwaysSynced) : releasedLSN
        case .snapshot: alwaysSynced
        }
    }
}

extension FileJournal {
    /// Whether the disk, and not the death of the process, has stopped the journal.
    fileprivate var hasFailedToSynchronize: Bool {
        if case .failed(let fault) = state { fault.code != SimulatedDisk.deadCode } else { false }
    }
}
