import Glibc
import MintmarkCrypto
import MintmarkSessionsTestSupport
import MintmarkTokens
import Testing

@testable import MintmarkStorage

/// Signing keys stay what they are when their store moves to another master key: the file that tells of them is
/// authenticated under it.
@Suite struct KeyLedgerMoveTests {
    private let store: WrittenStore
    private let ledger: KeyLedger

    private static let newKey = SecretBytes(count: 32, random: SeededRandom(seed: 40))

    init() throws {
        store = try Self.writtenStore()
        ledger = try Self.open(store.place, StorageFixture.master).ledger
    }

    /// A store whose keys have lived: one is revoked, one signs, one is prepared.
    private static func writtenStore() throws -> WrittenStore {
        let store = try WrittenStore { place in
            try place.write(StorageFixture.master.copy, to: StoreFiles.masterKey)
            var keys = try open(place, StorageFixture.master)
            try keys.revoke(keys.ledger.active.keyID, now: KeyStoreFixture.begin + 1)
            _ = try keys.prepare(now: KeyStoreFixture.begin + 2)
            #expect(keys.ledger.records.map(\.state) == [.revoked, .active, .prepared])
        }
        return store
    }

    private static func open(_ place: TestDirectory, _ master: SecretBytes) throws(KeyStoreFailure) -> KeyStore {
        var fixture = KeyStoreFixture(place.open())
        fixture.master = master
        return try fixture.open(now: KeyStoreFixture.begin + 3)
    }

    private func rekeying(_ directory: any StorageDirectory, current: SecretBytes = StorageFixture.master) -> Rekeying {
        Rekeying(
            directory,
            current: current,
            wallMilliseconds: WrittenStore.wallSeconds * 1_000,
            random: SeededRandom(seed: 41)
        )
    }

    /// The key that a start finds.
    private func settle(_ place: TestDirectory) throws -> SecretBytes {
        let path = place.file(StoreFiles.masterKey)
        if let next = try MasterKeyFile.readIfPresent(MasterKeyMove.nextKeyPath(path)) {
            let current = try MasterKeyFile.readIfPresent(path)
            _ = try MasterKeyMove.settle(in: place.open(), current: current, next: next)
        }
        return try MasterKeyFile.read(path)
    }

    @Test func keysAreTheSameUnderTheNewMasterKeyAlone() throws {
        _ = try rekeying(store.place.open()).run(to: .elsewhere(Self.newKey))
        #expect(throws: KeyStoreFailure.ledger(.tag)) { try Self.open(store.place, StorageFixture.master) }
        let moved = try Self.open(store.place, Self.newKey)
        #expect(moved.ledger == ledger)
        // Their private halves, too: another one can take over.
        var keys = moved
        let prepared = try #require(keys.ledger.records.last)
        try keys.activate(prepared.keyID, immediately: true, now: KeyStoreFixture.begin + 4)
    }

    @Test func theyMoveAgainAndAgain() throws {
        var master = StorageFixture.master
        for _ in 0..<3 {
            _ = try rekeying(store.place.open(), current: master).run(to: .directory)
            master = try settle(store.place)
            #expect(try Self.open(store.place, master).ledger == ledger)
        }
    }

    /// Whichever operation is the last that works, the key that counts opens the list.
    @Test func theMoveMayStopAnywhere() throws {
        let files = try store.place.contents()
        var stop = 0
        while true {
            let place = try TestDirectory()
            for (name, bytes) in files { try place.write(bytes, to: name) }
            // Of a key that others may read nothing is taken.
            for name in files.keys { chmod(place.file(name), 0o600) }
            let directory = StoppingDirectory(place.open(), at: stop)
            _ = try? rekeying(directory).run(to: .directory)
            let master = try settle(place)
            #expect(try Self.open(place, master).ledger == ledger, "stopped at \(stop)")
            if directory.operationCount <= stop { break }
            stop += 1
        }
        #expect(stop > 25)
    }

    @Test func aDamagedListOfKeysStopsTheRekeyingBeforeAKeyIsMade() throws {
        try store.place.flip(StoreFiles.keyLedger, at: 20)
        let before = try store.place.read(StoreFiles.keyLedger)
        #expect(throws: RekeyFailure.signingKeys(.tag)) {
            try rekeying(store.place.open()).run(to: .directory)
        }
        #expect(try store.place.read(StoreFiles.keyLedger) == before)
        #expect(try !store.place.open().list().contains(StoreFiles.nextMasterKey))
        #expect(store.check().verdict == .sound)
    }
}
