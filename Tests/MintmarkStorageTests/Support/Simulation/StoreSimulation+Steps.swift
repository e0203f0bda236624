import Glibc
import MintmarkSessions
import MintmarkSessionsTestSupport
import MintmarkTestSupport
import NIOConcurrencyHelpers

@testable import MintmarkStorage

extension StoreSimulation {
    /// What may happen.
    enum Step: Equatable, Sendable {
        case open
        /// Somebody presents the newest token of a session that it may hold.
        case refresh
        /// Somebody presents an older one.
        case refreshOld
        case revoke
        case force
        case advance(milliseconds: UInt64)
        case stepWall(seconds: Int)
        case work
        case snapshot
        case segment
        /// Sessions until the next commit does not fit into its segment. They are of no further interest.
        case fillSegment
        case crash(SimulatedDisk.Power)
        case stop(SimulatedDisk.Power)
        /// The process dies at one of the next calls.
        case die(in: Int, DiskDeath.Moment)
        case fail(in: Int, code: Int32, isLasting: Bool)
        case fallShort
        case fill
        case writeProtect
        case heal
        /// The last fault is gone, time passes: the store has to serve again.
        case comeBack
    }

    /// Takes a step; a process that died at it is followed by the next one.
    func perform(_ step: Step) throws {
        disk.note("\(step)")
        if !isRunning {
            try start()
        }
        switch step {
        case .open: try open()
        case .refresh: try refresh(isNewest: true)
        case .refreshOld: try refresh(isNewest: false)
        case .revoke: revoke()
        case .force: _ = fixture.force(aim())
        case .advance(let milliseconds): fixture.advance(milliseconds: milliseconds)
        case .stepWall(let seconds): stepWall(seconds: seconds)
        case .work: work()
        case .snapshot: try snapshot()
        case .fillSegment: fillSegment()
        case .segment: _ = try? fixture.journal.beginSegment(atMilliseconds: fixture.milliseconds)
        case .crash(let power): return try crash(power: power)
        case .stop(let power): return try stop(power: power)
        case .die(let count, let moment): disk.die(at: disk.callCount + count, moment)
        case .fail(let count, let code, let isLasting):
            disk.inject(DiskFault(.fail(code), at: disk.callCount + count, isLasting: isLasting))
        case .fallShort:
            disk.inject(DiskFault(.fallShort, at: disk.callCount(of: .write) + 1, of: .write))
        case .fill: disk.byteCountMax = disk.byteCount + Int.random(in: 0...20_000, using: &generator)
        case .writeProtect: disk.isReadOnly = true
        case .heal: disk.heal()
        case .comeBack: try comeBack()
        }
        try look()
        if disk.isDead {
            try crash(power: nextPower())
        }
    }

    // MARK: Clients

    private func open() throws {
        guard ledger.count < settings.sessionCountMax else { return try refresh(isNewest: true) }
        let caller = Self.callers.randomElement(using: &generator) ?? Self.callers[0]
        let subject = Self.subjects.randomElement(using: &generator) ?? Self.subjects[0]
        let outcome = fixture.open(subject: subject, caller: caller)
        if let granted = outcome.granted {
            try checkAccessToken(granted, caller)
            try ledger.opened(granted, caller)
        } else if isWritable {
            throw Breach("a session was not opened: \(outcome)")
        }
    }

    private func refresh(isNewest: Bool) throws {
        guard let index = ledger.sessions.indices.randomElement(using: &generator) else { return }
        let session = ledger.sessions[index]
        let newest = session.tokens.count - 1
        let number = isNewest ? newest : Int.random(in: max(0, newest - 2)...newest, using: &generator)
        disk.note("session \(index), token \(number) of \(session.tokens.count)")
        let outcome = fixture.refresh(session.tokens[number].bytes, caller: session.caller)
        switch outcome {
        case .granted(let granted):
            try checkAccessToken(granted, session.caller)
            try ledger.refreshed(index, presenting: number, granted)
        case .refused(let rejection):
            if rejection.refusal == .storage, isWritable {
                throw Breach("refused for the disk's sake, which is writable")
            }
            try ledger.refused(index, presenting: number, rejection)
        case .again:
            break
        }
    }

    /// An access token that was just issued is good.
    private func checkAccessToken(_ granted: Granted, _ caller: SessionCaller) throws {
        let isRejected = fixture.store.rejectsAccessToken(
            subject: granted.subject.span.bytes,
            client: caller.clientID.span.bytes,
            sessionID: granted.sessionID,
            issuedAt: granted.issuedAt
        )
        if isRejected {
            throw Breach("an access token was dead when it was issued: session \(granted.sessionID)")
        }
    }

    private func revoke() {
        let aim = aim()
        let mutation = fixture.revoke(aim)
        disk.note("revoked \(aim): \(mutation)")
        ledger.revoked(aim, mutation)
    }

    private func aim() -> SessionAim {
        let subject = Self.subjects.randomElement(using: &generator) ?? Self.subjects[0]
        let caller = Self.callers.randomElement(using: &generator) ?? Self.callers[0]
        return switch Int.random(in: 0..<20, using: &generator) {
        case 0..<3: .everything(of: .subject(Array(subject.utf8)))
        case 3: .everything(of: .client(caller.clientID))
        case 4: .everything(of: .all)
        default: .session(ledger.sessions.randomElement(using: &generator)?.id ?? SessionID(high: 0, low: 0))
        }
    }

    private func stepWall(seconds: Int) {
        fixture.clocks.withLockedValue { clocks in
            clocks.wallSeconds = UInt64(Int(clocks.wallSeconds) + seconds)
        }
    }

    // MARK: Storage

    private func work(_ body: (StorageFixture) -> Void = { $0.work() }) {
        let hasFailed = fixture.journal.hasFailed
        if hasFailed {
            noteSnapshot()
        }
        body(fixture)
        if hasFailed, isWritable {
            settleSnapshot()
        }
        noteCommit()
    }

    private func snapshot() throws {
        noteSnapshot()
        if settings.hasCallsDuringSnapshots {
            directory.watch { [unowned self] in callDuringSnapshot($0, $1) }
        }
        let failure = fixture.snapshot()
        directory.watch { _, _ in }
        if let breachDuringSnapshot {
            throw breachDuringSnapshot
        }
        if failure == nil {
            settleSnapshot()
        } else if !disk.isDead, !disk.hasFaults, isWritable {
            throw Breach("no snapshot: \(failure.map { "\($0)" } ?? "")")
        }
    }

    /// While the snapshot's files are written, clients go on calling, and the journal is written.
    private func callDuringSnapshot(_ operation: StorageFault.Operation, _ name: String) {
        guard !isCalling, name.hasPrefix("snapshot"), operation != .read else { return }
        isCalling = true
        defer { isCalling = false }
        do {
            for _ in 0..<Int.random(in: 0..<4, using: &generator) {
                // The snapshot has journal work done, too, and answers leave then.
                try look()
                switch Int.random(in: 0..<8, using: &generator) {
                case 0: try open()
                case 1: fixture.journal.commit(atMilliseconds: fixture.milliseconds)
                default: try refresh(isNewest: true)
                }
            }
        } catch {
            breachDuringSnapshot = breachDuringSnapshot ?? error
        }
    }

    private func fillSegment() {
        var grant = GrantBuffer()
        // As large as sessions can be, so that few are enough.
        let claims = #"{"a":""# + String(repeating: "a", count: 4_080) + #""}"#
        let long = audience(Array(repeating: String(repeating: "b", count: 255), count: 16))
        for isLast in [false, false, true] {
            // One box each. The last one has no room behind the others, and waits.
            for _ in 0..<100 {
                _ = fixture.store.open(
                    subject: "filler",
                    audience: long,
                    claims: claims,
                    now: fixture.now,
                    grant: &grant
                )
            }
            if !isLast {
                fixture.work()
            }
        }
    }

    private func comeBack() throws {
        disk.heal()
        for _ in 0..<3 where !isWritable && !disk.isDead {
            work { $0.comeBack() }
        }
        if !isWritable, !disk.isDead {
            throw Breach("the disk is well again, and the journal is not: \(fixture.journal.state)")
        }
    }
}

extension FileJournal {
    fileprivate var hasFailed: Bool {
        if case .failed = state { true } else { false }
    }
}

extension StoreSimulation.Step {
    /// A step of an ordinary life, with a stop now and then.
    static func random(using generator: inout SeededGenerator) -> Self {
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<16: .open
        case 16..<44: .refresh
        case 44..<48: .refreshOld
        case 48..<51: .revoke
        case 51..<54: .force
        case 54..<64: .advance(milliseconds: UInt64.random(in: 1...3_000, using: &generator))
        case 64: .advance(milliseconds: UInt64.random(in: 20_000...4_000_000, using: &generator))
        case 65: .stepWall(seconds: Int.random(in: -3_600...3_600, using: &generator))
        case 66..<88: .work
        case 88..<91: .snapshot
        case 91: .segment
        case 92..<95: .crash(power(using: &generator))
        case 95: .stop(power(using: &generator))
        default:
            .die(
                in: Int.random(in: 1...15, using: &generator),
                DiskDeath.Moment.allCases.randomElement(using: &generator) ?? .before
            )
        }
    }

    /// A step of a life with a disk that fails.
    static func randomWithFaults(using generator: inout SeededGenerator) -> Self {
        switch Int.random(in: 0..<30, using: &generator) {
        case 0:
            .fail(
                in: Int.random(in: 1...10, using: &generator),
                code: [EIO, EIO, ENOSPC, EDQUOT].randomElement(using: &generator) ?? EIO,
                isLasting: Int.random(in: 0..<4, using: &generator) == 0
            )
        case 1: .fallShort
        case 2: Int.random(in: 0..<3, using: &generator) == 0 ? .fill : .comeBack
        case 3: Int.random(in: 0..<6, using: &generator) == 0 ? .writeProtect : .heal
        default: .random(using: &generator)
        }
    }

    private static func power(using generator: inout SeededGenerator) -> SimulatedDisk.Power {
        Bool.random(using: &generator) ? .kept : .lost
    }
}

/// A wire list of texts.
private func audience(_ items: [String]) -> [UInt8] {
    items.flatMap { audience($0) }
}
