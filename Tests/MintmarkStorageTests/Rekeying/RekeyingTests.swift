import MintmarkCrypto
import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkStorage

@Suite struct RekeyingTests {
    private let store: WrittenStore

    private static let newKey = SecretBytes(count: 32, random: SeededRandom(seed: 40))

    init() throws {
        store = try WrittenStore()
        try store.place.write(StorageFixture.master.bytes, to: StoreFiles.masterKey)
    }

    private func rekeying(
        _ directory: (any StorageDirectory)? = nil,
        current: SecretBytes = StorageFixture.master,
        wallSeconds: UInt64 = WrittenStore.wallSeconds
    ) -> Rekeying {
        Rekeying(
            directory ?? store.place.open(),
            current: current,
            wallMilliseconds: wallSeconds * 1_000,
            random: SeededRandom(seed: 41)
        )
    }

    private func failure(_ rekeying: Rekeying, to target: Rekeying.Target) -> RekeyFailure? {
        do throws(RekeyFailure) {
            _ = try rekeying.run(to: target)
            return nil
        } catch {
            return error
        }
    }

    private func key(in file: String = StoreFiles.masterKey, of place: TestDirectory) throws -> SecretBytes {
        try MasterKeyFile.read(place.file(file))
    }

    @Test func aNewKeyTakesThePlaceOfTheOld() throws {
        let outcome = try rekeying().run(to: .directory)
        #expect(outcome.keyID == 2)
        #expect(outcome.sessions == WrittenStore.sessionCount)
        #expect(outcome.honouredKeys == 2)
        #expect(outcome.retiredKeys == 0)
        #expect(outcome.isCleared)
        #expect(
            try store.place.open().list().sorted() == [
                "journal-0000000004", "manifest", "master.key", "snapshot-0000000004", "store.begun",
            ]
        )
        let new = try key(of: store.place)
        #expect(new.bytes != StorageFixture.master.bytes)
        #expect(store.check(masters: [new]).verdict == .sound)
        #expect(store.check(masters: [new]).keyID == 2)
        #expect(store.check().opensNothing)
    }

    @Test func refreshTokensGoOnWorking() throws {
        _ = try rekeying().run(to: .elsewhere(Self.newKey))
        let fixture = try store.start(master: Self.newKey)
        #expect(fixture.records.keys == store.records.keys)
        let token = try #require(store.tokens["user 7"])
        let rotated = try #require(fixture.refresh(token).granted)
        // Rotated away under the old key, it still gives a theft away.
        fixture.advance(milliseconds: 3_600_000)
        let next = try #require(fixture.refresh(rotated.token).granted)
        #expect(fixture.refresh(token).refusal == .reused)
        #expect(fixture.refresh(next.token).refusal == .revoked)
        fixture.work()
        #expect(fixture.stop() == nil)
        // Another start, another key.
        let third = SecretBytes(count: 32, random: SeededRandom(seed: 42))
        let outcome = try rekeying(current: Self.newKey).run(to: .elsewhere(third))
        #expect(outcome.keyID == 3)
        #expect(outcome.honouredKeys == 3)
        let later = try store.start(master: third)
        #expect(later.refresh(try #require(store.tokens["user 8"])).refusal == nil)
    }

    @Test func aKeyIsRetiredWithTheLastSessionThatMayNeedIt() throws {
        _ = try rekeying().run(to: .elsewhere(Self.newKey))
        let fixture = StorageFixture(store.place.open(), master: Self.newKey)
        fixture.advance(milliseconds: 5_000)
        try fixture.start()
        for record in fixture.records.values {
            _ = fixture.revoke(.session(record.state.id))
        }
        fixture.work()
        // Long after: what was revoked is forgotten.
        fixture.advance(milliseconds: 11 * 365 * 86_400_000)
        for _ in 0..<5_000 where fixture.store.count > 0 {
            fixture.store.sweep(steps: 1_000, now: fixture.now)
        }
        #expect(fixture.store.count == 0)
        let late = try #require(fixture.open(subject: "late").granted)
        #expect(fixture.stop() == nil)
        let third = SecretBytes(count: 32, random: SeededRandom(seed: 42))
        let outcome = try rekeying(
            current: Self.newKey,
            wallSeconds: WrittenStore.wallSeconds + 11 * 365 * 86_400 + 10
        ).run(to: .elsewhere(third))
        #expect(outcome.honouredKeys == 2)
        #expect(outcome.retiredKeys == 1)
        let later = StorageFixture(store.place.open(), master: third)
        later.advance(milliseconds: 11 * 365 * 86_400_000 + 10_000)
        try later.start()
        #expect(later.refresh(late.token).refusal == nil)
        #expect(later.store.tokenKeys.map(\.isHonoured) == [true, true, false])
    }

    @Test func whatWasTornIsCutFirstAndKept() throws {
        let segment = try store.place.read("journal-0000000003")
        try store.place.write(segment + [1, 2, 3], to: "journal-0000000003")
        let outcome = try rekeying().run(to: .directory)
        let cut = try #require(outcome.cut)
        #expect(try store.place.open().list().contains(cut.keptIn))
        #expect(store.check(masters: [try key(of: store.place)]).contents?.sessions.total == WrittenStore.sessionCount)
    }

    @Test func thePresentKeyIsNoNewOne() throws {
        let same = SecretBytes(count: 32, random: SeededRandom(seed: 1))
        #expect(failure(rekeying(), to: .elsewhere(same)) == .sameKey)
        #expect(store.check().verdict == .sound)
    }

    @Test func whatDoesNotOpenIsLeftAlone() throws {
        let before = try store.place.contents()
        let manifest = RecoveryFailure("manifest", at: 0, .format(.notAuthentic))
        #expect(failure(rekeying(current: Self.newKey), to: .directory) == .store(manifest))
        #expect(try store.place.contents() == before)
        let empty = try TestDirectory()
        #expect(failure(rekeying(empty.open()), to: .directory) == .absent)
        #expect(try empty.open().list().isEmpty)
    }

    // MARK: 255 keys

    /// Writes the store down as one that has had as many keys.
    private func setKeyID(_ id: UInt8) throws {
        let opening = try StoreOpening(store.place.open(), master: StorageFixture.master)
        let journal = FrozenJournal()
        let random = SeededRandom(seed: 43)
        let scratch = SessionStore.scratch(
            tokenKeys: opening.tokenKeys,
            epoch: opening.epoch,
            journal: journal,
            random: random
        )
        let recovered = try opening.recover(into: scratch)
        let epoch = scratch.greatestEpoch
        let earlier = (1..<id).map { id in
            RefreshTokenKey(id: id, firstEpoch: StoreEpoch(rawValue: UInt64(id) - 1), master: StorageFixture.master)
        }
        let restart = StoreRestart(
            directory: store.place.open(),
            storeID: try #require(recovered.manifest).storeID,
            keys: StorageKeys(id: id, master: StorageFixture.master),
            number: recovered.nextSegment,
            position: recovered.position,
            lastLSN: recovered.lastLSN,
            epoch: epoch,
            clocks: recovered.clocks,
            tokenKeys: earlier + [RefreshTokenKey(id: id, firstEpoch: epoch, master: StorageFixture.master)],
            random: random
        )
        _ = try restart.write(scratch, on: journal)
    }

    @Test(arguments: [UInt8(253), 254, 255]) func aStoreCanHave255Keys(id: UInt8) throws {
        try setKeyID(id)
        let before = try store.place.contents()
        guard id < Rekeying.keyIDMax else {
            #expect(failure(rekeying(), to: .elsewhere(Self.newKey)) == .keysExhausted)
            #expect(try store.place.contents() == before)
            return
        }
        #expect(try rekeying().run(to: .elsewhere(Self.newKey)).keyID == id + 1)
        let findings = store.check(masters: [Self.newKey])
        #expect(findings.verdict == .sound)
        #expect(findings.keyID == id + 1)
        #expect((findings.contents?.honouredKeys ?? 0) + (findings.contents?.retiredKeys ?? 0) == Int(id) + 1)
    }

    // MARK: Stops

    /// Whichever operation is the last that works, the next start finds the key that counts, and every session.
    @Test func aRekeyingMayStopAnywhere() throws {
        var stop = 0
        while true {
            let store = try WrittenStore()
            try store.place.write(StorageFixture.master.bytes, to: StoreFiles.masterKey)
            let directory = StoppingDirectory(store.place.open(), at: stop)
            let failure = failure(rekeying(directory), to: .directory)
            let master = try settle(store.place)
            #expect(!(try store.place.open().list()).contains(StoreFiles.nextMasterKey), "stopped at \(stop)")
            #expect(store.check(masters: [master]).verdict == .sound, "stopped at \(stop)")
            if failure == nil {
                #expect(master.bytes != StorageFixture.master.bytes, "stopped at \(stop)")
            }
            let fixture = try store.start(master: master)
            store.expectEverySessionGoesOn(in: fixture)
            #expect(fixture.snapshot() == nil)
            #expect(fixture.stop() == nil)
            // Another one can follow, whatever the first has left.
            _ = try rekeying(store.place.open(), current: master).run(to: .directory)
            if directory.operationCount <= stop { break }
            stop += 1
        }
        #expect(stop > 20)
    }

    /// What a start does with the keys that it finds; gives the one that counts.
    private func settle(_ place: TestDirectory) throws -> SecretBytes {
        let path = place.file(StoreFiles.masterKey)
        if let next = try MasterKeyFile.readIfPresent(MasterKeyMove.nextKeyPath(path)) {
            let current = try MasterKeyFile.readIfPresent(path)
            _ = try MasterKeyMove.settle(in: place.open(), current: current, next: next)
        }
        return try MasterKeyFile.read(path)
    }

    /// The settling itself may be stopped, too.
    @Test func theEndOfARekeyingMayStopAnywhere() throws {
        _ = try rekeying().run(to: .elsewhere(Self.newKey))
        var stop = 0
        while true {
            let disk = store.place.open()
            try store.place.write(StorageFixture.master.bytes, to: StoreFiles.masterKey)
            try store.place.write(Self.newKey.bytes, to: StoreFiles.nextMasterKey)
            let directory = StoppingDirectory(disk, at: stop)
            _ = try? MasterKeyMove.settle(in: directory, current: StorageFixture.master, next: Self.newKey)
            #expect(try settle(store.place).bytes == Self.newKey.bytes, "stopped at \(stop)")
            if directory.operationCount <= stop { break }
            stop += 1
        }
        #expect(stop > 2)
    }

    // MARK: Which key counts

    @Test func aNextKeyThatDoesNotCountIsRemoved() throws {
        try store.place.write(Self.newKey.bytes, to: StoreFiles.nextMasterKey)
        #expect(try settle(store.place).bytes == StorageFixture.master.bytes)
        #expect(!(try store.place.open().list()).contains(StoreFiles.nextMasterKey))
        #expect(store.check().verdict == .sound)
    }

    @Test func aNextKeyThatCountsIsFoundWithoutTheOldOne() throws {
        _ = try rekeying().run(to: .elsewhere(Self.newKey))
        let disk = store.place.open()
        try disk.remove(StoreFiles.masterKey)
        try store.place.write(Self.newKey.bytes, to: StoreFiles.nextMasterKey)
        #expect(try settle(store.place).bytes == Self.newKey.bytes)
    }

    @Test func whereNeitherOpensBothAreLeft() throws {
        try store.place.flip("manifest", at: 60)
        try store.place.write(Self.newKey.bytes, to: StoreFiles.nextMasterKey)
        let before = try store.place.contents()
        #expect(throws: RecoveryFailure("manifest", at: 0, .format(.notAuthentic))) { try settle(store.place) }
        #expect(try store.place.contents() == before)
        try store.place.open().remove("manifest")
        #expect(throws: RecoveryFailure("manifest", .withoutManifest)) { try settle(store.place) }
    }

    @Test func withoutAStoreANextKeyIsALeftover() throws {
        let place = try TestDirectory()
        try place.write(Self.newKey.bytes, to: StoreFiles.nextMasterKey)
        #expect(try MasterKeyMove.settle(in: place.open(), current: nil, next: Self.newKey) == .undone)
        #expect(try place.open().list().isEmpty)
    }

    @Test(arguments: [31, 33]) func aMasterKeyHas32Bytes(byteCount: Int) throws {
        try store.place.write(Array(repeating: 1, count: byteCount), to: "other.key")
        let path = store.place.file("other.key")
        #expect(throws: MasterKeyFile.Fault.size(path: path, bytes: byteCount)) { try MasterKeyFile.read(path) }
    }
}

extension SecretBytes {
    /// A copy, for a test.
    fileprivate var bytes: [UInt8] {
        withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
    }
}
