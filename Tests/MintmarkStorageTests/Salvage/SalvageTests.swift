import MintmarkCrypto
import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkStorage

@Suite struct SalvageTests {
    private let store: WrittenStore

    init() throws {
        store = try WrittenStore()
    }

    private func salvage(
        _ directory: (any KeepingDirectory)? = nil,
        master: SecretBytes = StorageFixture.master
    ) -> Salvage {
        Salvage(
            directory ?? store.place.open(),
            master: master,
            wallMilliseconds: WrittenStore.wallSeconds * 1_000,
            random: SeededRandom(seed: 11)
        )
    }

    @discardableResult
    private func carryOut() throws -> (plan: SalvagePlan, outcome: Salvage.Outcome) {
        let salvage = salvage()
        let plan = try salvage.plan()
        return (plan, try salvage.carryOut(plan))
    }

    private func refusal(_ salvage: Salvage) -> SalvageRefusal? {
        do throws(SalvageRefusal) {
            _ = try salvage.plan()
            return nil
        } catch {
            return error
        }
    }

    // MARK: What is saved

    @Test(arguments: [false, true]) func aLostManifestIsMadeAnewAndNothingIsLost(isMissing: Bool) throws {
        if isMissing {
            try store.place.open().remove("manifest")
        } else {
            try store.place.flip("manifest", at: 60)
        }
        let epoch = try #require(store.records.values.map(\.state.current.epoch).max())
        let (plan, outcome) = try carryOut()
        #expect(plan.failures.map(\.file) == ["manifest"])
        #expect(plan.snapshotFile == "snapshot-0000000003")
        #expect(!plan.isOlderSnapshot)
        #expect(plan.loss == nil)
        #expect(plan.sessions.total == WrittenStore.sessionCount)
        #expect(outcome.snapshotFile == "snapshot-0000000004")
        #expect(outcome.isCleared)
        let findings = store.check()
        #expect(findings.verdict == .sound)
        #expect(try #require(findings.contents).epoch > epoch)
        let fixture = try store.start()
        #expect(fixture.records.keys == store.records.keys)
        store.expectEverySessionGoesOn(in: fixture)
    }

    @Test(arguments: [false, true]) func withoutItsSnapshotAStoreIsReadFromTheOneBefore(isMissing: Bool) throws {
        if isMissing {
            try store.place.open().remove("snapshot-0000000003")
        } else {
            try store.place.flip("snapshot-0000000003", at: 300)
        }
        let (plan, _) = try carryOut()
        #expect(plan.snapshotFile == "snapshot-0000000002")
        #expect(plan.isOlderSnapshot)
        #expect(plan.loss == nil)
        #expect(plan.missingNumbers == 0)
        #expect(plan.lastLSN.rawValue == store.numbers["rotated 4"])
        let fixture = try store.start()
        #expect(fixture.records.keys == store.records.keys)
        store.expectEverySessionGoesOn(in: fixture)
    }

    @Test func behindADamagedBoxOnlyRevocationsAreSaved() throws {
        // The second box of the last segment: the rotation of user 2.
        let header = JournalSegmentHeader.byteCount
        let bytes = try store.place.read("journal-0000000003")
        let length = bytes[(header + 4)..<(header + 8)].reduce(0) { $0 << 8 | Int($1) }
        let damaged = header + length
        try store.place.flip("journal-0000000003", at: damaged + 120)
        let (plan, _) = try carryOut()
        let loss = try #require(plan.loss)
        #expect(loss.failure.file == "journal-0000000003")
        #expect(loss.failure.offset == damaged)
        #expect(plan.lastLSN.rawValue == store.numbers["rotated 1"])
        #expect(loss.first.rawValue == store.numbers["rotated 2"])
        #expect(loss.lastKnown.rawValue == store.numbers["rotated 4"])
        #expect(loss.readableBoxes == 2)
        #expect(loss.readableEvents == 2)
        #expect(loss.savedRevocations == 1)
        #expect(plan.sessions.cutOff == 1)
        // The tokens of users 2 and 4 are ahead of what was saved: they are adopted.
        let fixture = try store.start()
        for (subject, token) in store.tokens {
            let isRefused = subject == WrittenStore.revoked || subject == WrittenStore.cutOff
            let outcome = fixture.refresh(token)
            #expect(outcome.refusal == (isRefused ? .revoked : nil), "\(subject)")
            if subject == "user 2" || subject == "user 4" {
                #expect(outcome.refreshOutcome == .fastForward)
            }
        }
    }

    @Test func numbersThatWereGivenAreNotGivenAgain() throws {
        try store.place.flip("journal-0000000003", at: 150)
        try carryOut()
        let last = try #require(store.numbers["rotated 4"])
        let fixture = try store.start()
        #expect(try #require(fixture.open().granted).after.rawValue > last + 1)
    }

    @Test func aMissingSegmentEndsTheJournal() throws {
        try store.place.open().remove("journal-0000000003")
        let (plan, _) = try carryOut()
        #expect(plan.snapshotFile == "snapshot-0000000003")
        #expect(try #require(plan.loss).failure == RecoveryFailure("journal-0000000003", .missing))
        let fixture = try store.start()
        #expect(fixture.store.count == WrittenStore.sessionCount)
    }

    @Test func aSegmentThatIsMissingBehindOthersEndsItThere() throws {
        let second = try store.start()
        let granted = try #require(second.open(subject: "late").granted)
        second.work()
        second.kill()
        try store.start().kill()
        try store.place.open().remove("journal-0000000004")
        let (plan, _) = try carryOut()
        #expect(plan.lastLSN.rawValue == store.numbers["rotated 4"])
        #expect(try #require(plan.loss).lastKnown > granted.after)
        let fixture = try store.start()
        store.expectEverySessionGoesOn(in: fixture)
        #expect(fixture.refresh(granted.token).refusal != nil)
    }

    @Test func changesThatTheModeSnapshotNeverWroteAreCounted() throws {
        let store = try WrittenStore(mode: .snapshot)
        try store.place.flip("snapshot-0000000003", at: 300)
        let salvage = Salvage(
            store.place.open(),
            master: StorageFixture.master,
            wallMilliseconds: WrittenStore.wallSeconds * 1_000,
            random: SeededRandom(seed: 11)
        )
        let plan = try salvage.plan()
        #expect(plan.isOlderSnapshot)
        // The rotations of users 0, 1 and 2, before the cut-off that was written last.
        #expect(plan.missingNumbers == 3)
        #expect(plan.sessions.revoked == 1)
        #expect(plan.sessions.cutOff == 1)
    }

    /// A snapshot that a life wrote which then failed is in no way newer than what a later life wrote.
    @Test func aSnapshotThatNeverCountedIsNotTaken() throws {
        let place = store.place
        let abandoned = try store.start()
        _ = try #require(abandoned.open(subject: "never acknowledged").granted)
        // Its journal never wrote that, but its snapshot holds it, as the way back from a failure may.
        abandoned.kill()
        try place.open().remove("journal-0000000004")
        try place.write(try snapshotOfALostLife(), to: "snapshot-0000000004")
        try store.start().kill()
        try place.open().remove("manifest")
        let plan = try salvage().plan()
        #expect(plan.snapshotFile == "snapshot-0000000003")
        #expect(plan.sessions.total == WrittenStore.sessionCount)
    }

    /// Number 4, of a life that gave numbers which were never durable.
    private func snapshotOfALostLife() throws -> [UInt8] {
        let elsewhere = try TestDirectory()
        let opening = try StoreOpening(store.place.open(), master: StorageFixture.master)
        let journal = FrozenJournal()
        let random = SeededRandom(seed: 12)
        let scratch = SessionStore.scratch(
            tokenKeys: opening.tokenKeys,
            epoch: opening.epoch,
            journal: journal,
            random: random
        )
        let recovered = try opening.recover(into: scratch)
        let restart = StoreRestart(
            directory: elsewhere.open(),
            storeID: try #require(recovered.manifest).storeID,
            keys: recovered.keys,
            number: 4,
            position: recovered.position,
            lastLSN: LogSequenceNumber(recovered.lastLSN.rawValue + 100),
            epoch: scratch.greatestEpoch,
            clocks: recovered.clocks,
            tokenKeys: opening.tokenKeys,
            random: random
        )
        _ = try restart.write(scratch, on: journal)
        return try elsewhere.read("snapshot-0000000004")
    }

    @Test func aSnapshotIsEnoughWhereNothingElseIsLeft() throws {
        for name in ["manifest", "journal-0000000002", "journal-0000000003", "snapshot-0000000002"] {
            try store.place.open().remove(name)
        }
        let (plan, _) = try carryOut()
        #expect(plan.snapshotFile == "snapshot-0000000003")
        #expect(plan.loss?.failure == RecoveryFailure("journal-0000000003", .missing))
        #expect(try store.start().store.count == WrittenStore.sessionCount)
    }

    // MARK: What is kept

    @Test func everyFileIsKeptAsItWas() throws {
        try store.place.flip("journal-0000000003", at: 150)
        try store.place.write([1, 2, 3], to: "snapshot-0000000004.new")
        try store.place.write([7], to: "signing-key.pem")
        // What salvage does not touch is not kept.
        let before = try store.place.contents().filter { !["signing-key.pem", "store.begun"].contains($0.key) }
        let (_, outcome) = try carryOut()
        #expect(outcome.keptIn == "salvaged-1")
        #expect(outcome.keptFiles == before.keys.sorted())
        let after = try store.place.contents()
        for (name, bytes) in before {
            #expect(after["salvaged-1/\(name)"] == bytes, "\(name)")
        }
        #expect(
            after.keys.filter { !$0.hasPrefix("salvaged-1/") }.sorted() == [
                "journal-0000000004", "manifest", "signing-key.pem", "snapshot-0000000004", "store.begun",
            ]
        )
        // Whatever the next lives do, these stay.
        let fixture = try store.start()
        #expect(fixture.snapshot() == nil)
        #expect(fixture.snapshot() == nil)
        #expect(fixture.stop() == nil)
        let later = try store.place.contents()
        for (name, bytes) in before {
            #expect(later["salvaged-1/\(name)"] == bytes, "\(name)")
        }
    }

    @Test func aSecondSalvageKeepsItsFilesBesideThoseOfTheFirst() throws {
        try store.place.flip("manifest", at: 60)
        try carryOut()
        try store.place.flip("manifest", at: 60)
        let (_, outcome) = try carryOut()
        #expect(outcome.keptIn == "salvaged-2")
        store.expectEverySessionGoesOn(in: try store.start())
    }

    /// Whichever operation is the last that works, the store is as damaged as before or saved, and can be salvaged.
    @Test func aSalvageMayStopAnywhere() throws {
        var stop = 0
        while true {
            let store = try WrittenStore()
            try store.place.flip("snapshot-0000000003", at: 300)
            let before = try store.place.contents()
            let failure = store.startFailure()
            let directory = StoppingDirectory(store.place.open(), at: stop)
            let isDone = try stopped(directory)
            let after = try store.place.contents()
            let kept = after.filter { $0.key.hasPrefix("salvaged-") }
            for (name, bytes) in before {
                #expect(after[name] == bytes || kept["salvaged-1/\(name)"] == bytes, "\(name), stopped at \(stop)")
            }
            if case .damaged(let present) = store.check().verdict {
                #expect(present == failure, "stopped at \(stop)")
                let again = self.salvage(store.place.open())
                _ = try again.carryOut(try again.plan())
            }
            #expect(store.check().verdict == .sound, "stopped at \(stop)")
            store.expectEverySessionGoesOn(in: try store.start())
            if isDone, directory.operationCount <= stop { break }
            stop += 1
        }
        #expect(stop > 15)
    }

    /// Runs a salvage on a disk that stops; false when it said that it failed.
    private func stopped(_ directory: StoppingDirectory) throws -> Bool {
        let salvage = salvage(directory)
        let plan = try salvage.plan()
        do throws(SnapshotFailure) {
            _ = try salvage.carryOut(plan)
            return true
        } catch {
            return false
        }
    }

    // MARK: What is not salvaged

    @Test func whatIsNotDamagedIsLeftAlone() throws {
        #expect(refusal(salvage()) == .notDamaged(store.check()))
        let segment = try store.place.read("journal-0000000003")
        try store.place.write(segment + [1], to: "journal-0000000003")
        #expect(refusal(salvage()) == .notDamaged(store.check()))
        let empty = try TestDirectory()
        #expect(refusal(salvage(empty.open())) == .absent)
    }

    @Test func anotherKeyIsNoDamage() throws {
        let other = SecretBytes(count: 32, random: SeededRandom(seed: 99))
        let failure = RecoveryFailure("manifest", at: 0, .format(.notAuthentic))
        #expect(refusal(salvage(master: other)) == .opensNothing(failure))
    }

    @Test func aNewerFormatIsNoDamage() throws {
        try store.place.flip("snapshot-0000000003", at: 8)
        let failure = RecoveryFailure("snapshot-0000000003", at: 0, .format(.newerVersion(256 + 1)))
        #expect(refusal(salvage()) == .notForSalvage(failure))
    }

    @Test func withoutASnapshotNothingIsDone() throws {
        try store.place.flip("snapshot-0000000003", at: 300)
        try store.place.flip("snapshot-0000000002", at: 300)
        let before = try store.place.contents()
        guard case .noSnapshot(let failures) = refusal(salvage()) else {
            Issue.record("not refused")
            return
        }
        #expect(failures.map(\.file) == ["snapshot-0000000003", "snapshot-0000000002"])
        #expect(try store.place.contents() == before)
    }
}
