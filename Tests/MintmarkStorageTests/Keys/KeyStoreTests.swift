import Glibc
import MintmarkCrypto
import MintmarkSessionsTestSupport
import MintmarkTestSupport
import MintmarkTokens
import Testing

@testable import MintmarkStorage

@Suite struct KeyStoreTests {
    private let place: TestDirectory
    private var fixture: KeyStoreFixture

    init() throws {
        place = try TestDirectory()
        fixture = KeyStoreFixture(place.open())
    }

    private static let begin = KeyStoreFixture.begin

    private func put(_ key: Ed25519SigningKey, in name: String, mode: Int = 0o600) throws {
        try place.write(KeyFile.write(key).copy, to: name, mode: mode)
    }

    private func names() throws -> [String] { try place.open().list().sorted() }

    // MARK: The first start

    @Test func theFirstStartMakesOneKey() throws {
        let store = try fixture.open()
        #expect(store.ledger.records.map(\.state) == [.active])
        #expect(try names() == ["keys.state", "signing-key.pem"])
        let again = try fixture.open(now: Self.begin + 10)
        #expect(again.ledger == store.ledger)
    }

    @Test func aDirectoryOfAnEarlierVersionKeepsItsKey() throws {
        try put(KeyStoreFixture.key(1), in: "signing-key.pem")
        let store = try fixture.open()
        #expect(store.ledger.active.publicKey == KeyStoreFixture.key(1).publicKey)
        #expect(store.ledger.active.activatedAt == Self.begin)
    }

    @Test func ofSeveralKeysTheFirstSigns() throws {
        for number in 1...3 as ClosedRange<UInt64> { try put(KeyStoreFixture.key(number), in: "\(number).pem") }
        try place.write([1], to: "readme.txt", mode: 0o644)
        try place.write([1], to: ".hidden.pem", mode: 0o644)
        let store = try fixture.open()
        #expect(store.ledger.records.map(\.publicKey) == (1...3).map { KeyStoreFixture.key($0).publicKey })
        #expect(store.ledger.records.map(\.state) == [.active, .prepared, .prepared])
        #expect(try !names().contains("signing-key.pem"))
    }

    @Test func theKeyThatSettingsNameComesFirst() throws {
        var fixture = fixture
        fixture.named = .file(KeyStoreFixture.key(9))
        try put(KeyStoreFixture.key(1), in: "a.pem")
        let store = try fixture.open()
        #expect(store.ledger.active.publicKey == KeyStoreFixture.key(9).publicKey)
        #expect(try !names().contains("signing-key.pem"))
    }

    // MARK: Later starts

    @Test func aNewFileIsTakenUpAsPrepared() throws {
        var store = try fixture.open()
        try put(KeyStoreFixture.key(1), in: "a.pem")
        let again = try fixture.open(now: Self.begin + 5)
        let record = try #require(again.ledger.record(of: KeyStoreFixture.key(1).publicKey))
        #expect(record.state == .prepared)
        #expect(record.preparedAt == Self.begin + 5)
        #expect(
            store.takeUp(try store.readKeyDirectory(fixture.settings), fixture.settings, now: Self.begin + 6) == nil
        )
        #expect(store.ledger.record(of: KeyStoreFixture.key(1).publicKey)?.preparedAt == Self.begin + 6)
    }

    @Test func withoutTheActiveKeyNothingStarts() throws {
        let store = try fixture.open()
        try place.open().remove("signing-key.pem")
        let keyID = String(decoding: store.ledger.active.keyID, as: UTF8.self)
        #expect(throws: KeyStoreFailure.activeKeyMissing(keyID: keyID, others: [])) { try fixture.open() }
        #expect(try names() == ["keys.state"])
        try put(KeyStoreFixture.key(1), in: "mine.pem")
        let failure = KeyStoreFailure.activeKeyMissing(keyID: keyID, others: ["mine.pem"])
        #expect(throws: failure) { try fixture.open() }
        #expect("\(failure)".hasSuffix("\(keyID) (other keys are in mine.pem); put its file back"))
    }

    /// Otherwise a key that was revoked would sign again, when its file is still there.
    @Test func aStoreWithoutALedgerIsRefusedAndLeftAlone() throws {
        try put(KeyStoreFixture.key(1), in: "mine.pem")
        try place.write([1], to: StoreFiles.manifest)
        #expect(throws: KeyStoreFailure.ledgerMissing) { try fixture.open() }
        #expect(try names() == ["manifest", "mine.pem"])
    }

    /// Whatever stands against a start is found before anything is changed.
    @Test func lookingChangesNothing() throws {
        func look() throws {
            _ = try KeyStoreOpening(
                data: place.open(),
                keys: place.open(),
                master: fixture.master,
                named: fixture.named,
                settings: fixture.settings,
                now: Self.begin + 10
            )
        }
        try look()
        #expect(try names().isEmpty)
        var store = try fixture.open()
        try put(KeyStoreFixture.key(1), in: "mine.pem")
        let record = try store.importKey("mine.pem", now: Self.begin + 1)
        try store.revoke(record.keyID, now: Self.begin + 2)
        try put(KeyStoreFixture.key(2), in: "new.pem")
        try place.write([1], to: "keys.state.new")
        let before = try place.contents()
        try look()
        #expect(try place.contents() == before)
        #expect(try fixture.open().ledger.records.count == 3)
        #expect(try place.contents() != before)
    }

    @Test func theOperatorReplacesAKeyByNamingAnother() throws {
        var fixture = fixture
        fixture.named = .file(KeyStoreFixture.key(1))
        let before = try fixture.open()
        fixture.named = .file(KeyStoreFixture.key(2))
        let after = try fixture.open(now: Self.begin + 1)
        #expect(after.ledger.active.publicKey == KeyStoreFixture.key(2).publicKey)
        #expect(after.ledger.record(of: before.ledger.active.publicKey)?.state == .retired)
    }

    @Test func anotherMasterKeyOpensNothing() throws {
        _ = try fixture.open()
        var other = fixture
        other.master = SecretBytes(count: 32, random: SeededRandom(seed: 5))
        #expect(throws: KeyStoreFailure.ledger(.tag)) { try other.open() }
    }

    @Test func aLongerLifeOfTokensIsWrittenBeforeAnythingIsSigned() throws {
        _ = try fixture.open()
        var longer = fixture
        longer.settings.policy.tokenLifetimeSeconds = 86_400
        #expect(try longer.open().ledger.active.tokenLifetimeSeconds == 86_400)
        #expect(try fixture.open().ledger.active.tokenLifetimeSeconds == 86_400)
    }

    // MARK: Files

    @Test func aKeyThatSignsNoMoreLosesItsPrivateHalf() throws {
        var store = try fixture.open()
        let next = try store.prepare(now: Self.begin)
        let file = KeyStore.ownFile(next.keyID)
        #expect(try names() == ["keys.state", file, "signing-key.pem"].sorted())
        try store.activate(next.keyID, immediately: true, now: Self.begin + 1)
        #expect(try names() == ["keys.state", file].sorted())
        try store.revoke(next.keyID, now: Self.begin + 2)
        #expect(try names() == ["keys.state", KeyStore.ownFile(store.ledger.active.keyID)].sorted())
        #expect(try fixture.open(now: Self.begin + 3).ledger == store.ledger)
    }

    @Test func filesOfOthersStayAndAreIgnored() throws {
        var store = try fixture.open()
        try put(KeyStoreFixture.key(1), in: "mine.pem")
        let record = try store.importKey("mine.pem", now: Self.begin)
        try store.revoke(record.keyID, now: Self.begin + 1)
        #expect(try names().contains("mine.pem"))
        let again = try fixture.open(now: Self.begin + 2)
        #expect(again.ledger.record(of: KeyStoreFixture.key(1).publicKey)?.state == .revoked)
        #expect(throws: KeyStoreFailure.refused(.state(.revoked))) {
            try store.importKey("mine.pem", now: Self.begin + 3)
        }
    }

    @Test func keysAreEncryptedWhereThereIsAPassphrase() throws {
        var fixture = fixture
        let passphrase = SecretBytes(count: 12, random: SeededRandom(seed: 6))
        fixture.settings.passphrase = passphrase
        var store = try fixture.open()
        let record = try store.prepare(now: Self.begin)
        let text = try place.open().readSecret(KeyStore.ownFile(record.keyID)).copy
        #expect(String(decoding: text, as: UTF8.self).contains("ENCRYPTED PRIVATE KEY"))
        #expect(try fixture.open().ledger == store.ledger)
        fixture.settings.passphrase = nil
        let file = KeyStore.ownFile(record.keyID)
        #expect(throws: KeyStoreFailure.key(file: file, .passphraseNeeded)) { try fixture.open() }
    }

    // MARK: Refused files

    @Test(arguments: [0o640, 0o604, 0o644])
    func aFileThatOthersReadIsRefused(mode: Int) throws {
        var store = try fixture.open()
        try put(KeyStoreFixture.key(1), in: "a.pem", mode: mode)
        let fault = SecretFile.Fault.readableByOthers(path: place.file("a.pem"), mode: UInt32(mode))
        #expect(throws: KeyStoreFailure.file(fault)) { try store.importKey("a.pem", now: Self.begin) }
        #expect(throws: KeyStoreFailure.file(fault)) { try fixture.open() }
    }

    /// Only root can give a file away.
    @Test(.enabled(if: geteuid() == 0)) func anotherUsersFileIsRefused() throws {
        var store = try fixture.open()
        try put(KeyStoreFixture.key(1), in: "a.pem")
        try #require(chown(place.file("a.pem"), 12_345, 12_345) == 0)
        let fault = SecretFile.Fault.foreignOwner(path: place.file("a.pem"), owner: 12_345)
        #expect(throws: KeyStoreFailure.file(fault)) { try store.importKey("a.pem", now: Self.begin) }
        #expect(throws: KeyStoreFailure.file(fault)) { try fixture.open() }
        #expect(store.ledger.records.count == 1)
    }

    /// One that nobody else can have made is followed.
    @Test func aLinkThatOthersCouldTurnIsRefused() throws {
        var store = try fixture.open()
        try put(KeyStoreFixture.key(1), in: "a.key")
        try place.link("a.pem", to: place.file("a.key"))
        try #require(chmod(place.path, 0o777) == 0)
        let advice = "others can write \(place.path); run: chmod go-w \(place.path)"
        let fault = SecretFile.Fault.unsafeLink(path: place.file("a.pem"), reason: advice)
        #expect(throws: KeyStoreFailure.file(fault)) { try store.importKey("a.pem", now: Self.begin) }
        try #require(chmod(place.path, 0o700) == 0)
        #expect(try store.importKey("a.pem", now: Self.begin).publicKey == KeyStoreFixture.key(1).publicKey)
    }

    @Test(arguments: [
        ("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", KeyFileError.wrongAlgorithm),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", .wrongContent),
        ("hello", .notPEM),
    ])
    func aFileWithoutAnEd25519KeyIsRefused(text: String, error: KeyFileError) throws {
        var store = try fixture.open()
        try place.write(Array(text.utf8), to: "a.pem", mode: 0o600)
        #expect(throws: KeyStoreFailure.key(file: "a.pem", error)) { try store.importKey("a.pem", now: Self.begin) }
        #expect(throws: KeyStoreFailure.key(file: "a.pem", error)) {
            try store.readKeyDirectory(fixture.settings)
        }
        #expect(store.ledger.records.count == 1)
    }

    @Test(arguments: [
        "../a.pem", "/etc/a.pem", ".a.pem", "a", "a.key", "a/b.pem", String(repeating: "a", count: 252) + ".pem",
    ])
    func otherNamesAreRefused(name: String) throws {
        var store = try fixture.open()
        #expect(throws: KeyStoreFailure.name(name)) { try store.importKey(name, now: Self.begin) }
    }

    @Test func aFileThatIsNotThereIsMissing() throws {
        var store = try fixture.open()
        #expect(throws: KeyStoreFailure.file(.missing(path: place.file("a.pem")))) {
            try store.importKey("a.pem", now: Self.begin)
        }
    }

    // MARK: Changes

    @Test func importingTwiceIsTheSame() throws {
        var store = try fixture.open()
        try put(KeyStoreFixture.key(1), in: "a.pem")
        let first = try store.importKey("a.pem", now: Self.begin)
        let second = try store.importKey("a.pem", now: Self.begin + 1)
        #expect(first == second)
        #expect(store.usableAt(first) == Self.begin + KeyStoreFixture.policy.publicationSeconds)
    }

    /// Beyond so many revocations a file could hold a key whose revocation is forgotten.
    @Test func aFileIsNotTakenUpWhereRevocationsAreForgotten() throws {
        var store = try fixture.open()
        for number in 0..<KeyLimits.revokedKeysMax + KeyLimits.removedKeysMax {
            var ledger = store.ledger
            let key = KeyStoreFixture.key(UInt64(number)).publicKey
            try ledger.prepare(key, isNew: true, now: Self.begin)
            let keyID = KeyRing.Key(key, state: .active).keyID
            try ledger.revoke(keyID, successor: nil, policy: KeyStoreFixture.policy, now: Self.begin + UInt64(number))
            store.ledger = ledger
        }
        try put(KeyStoreFixture.key(0), in: "first.pem")
        try put(KeyStoreFixture.key(900), in: "other.pem")
        for file in ["first.pem", "other.pem"] {
            #expect(throws: KeyStoreFailure.self) { try store.importKey(file, now: Self.begin + 1_000) }
        }
        #expect(throws: KeyStoreFailure.refused(.revokedMemoryFull)) {
            try store.importKey("other.pem", now: Self.begin + 1_000)
        }
        let made = try store.prepare(now: Self.begin + 1_000)
        try store.revoke(made.keyID, now: Self.begin + 1_001)
        store = try fixture.open(now: Self.begin + 1_002)
        #expect(store.leftOut == ["first.pem", "other.pem"].map { .init(file: $0, reason: .revokedMemoryFull) })
        #expect(store.ledger.liveCount == 1)
    }

    @Test func aPreparedKeyWhosePrivateHalfIsGoneCannotSign() throws {
        var store = try fixture.open()
        let record = try store.prepare(now: Self.begin)
        try place.open().remove(KeyStore.ownFile(record.keyID))
        store = try fixture.open(now: Self.begin + 1)
        #expect(throws: KeyStoreFailure.refused(.privateHalfMissing)) {
            try store.activate(record.keyID, immediately: true, now: Self.begin + 2)
        }
    }

    /// Deleted while the server serves: nothing may be removed that the next start needs.
    @Test(arguments: [false, true])
    func aKeyWhoseFileIsGoneIsNotActivated(isReloaded: Bool) throws {
        var store = try fixture.open()
        let first = store.ledger.active.keyID
        let record = try store.prepare(now: Self.begin)
        try place.open().remove(KeyStore.ownFile(record.keyID))
        if isReloaded {
            let found = try store.readKeyDirectory(fixture.settings)
            #expect(store.takeUp(found, fixture.settings, now: Self.begin + 1) == nil)
            #expect(!store.canSign(record))
        }
        #expect(throws: KeyStoreFailure.refused(.privateHalfMissing)) {
            try store.activate(record.keyID, immediately: true, now: Self.begin + 2)
        }
        #expect(store.ledger.active.keyID == first)
        #expect(try names().contains("signing-key.pem"))
        #expect(try fixture.open(now: Self.begin + 3).ledger.active.keyID == first)
    }

    @Test func whetherTheKeyThatSignsIsKeptCanBeAsked() throws {
        var store = try fixture.open()
        let record = try store.prepare(now: Self.begin)
        for name in ["signing-key.pem", KeyStore.ownFile(record.keyID)] {
            #expect(store.isActiveKeyKept)
            let text = try place.open().readSecret(name).copy
            try place.open().remove(name)
            #expect(!store.isActiveKeyKept)
            try place.write(text, to: name, mode: 0o600)
            #expect(store.isActiveKeyKept)
            try store.activate(record.keyID, immediately: true, now: Self.begin + 1)
        }
    }

    /// What is made while the key directory is being read is not among what was found, and stays; its file is good for the
    /// settings that count from then on.
    @Test func aKeyThatIsMadeWhileAReloadReadsIsKept() throws {
        var store = try fixture.open()
        let old = try store.prepare(now: Self.begin)
        let passphrase = SecretBytes(count: 12, random: SeededRandom(seed: 8))
        try put(KeyStoreFixture.key(1), in: "imported.pem")
        let found = try store.readKeyDirectory(fixture.settings)
        let made = try store.prepare(now: Self.begin + 1)
        let imported = try store.importKey("imported.pem", now: Self.begin + 2)
        try place.open().remove(KeyStore.ownFile(old.keyID))
        var settings = fixture.settings
        settings.passphrase = passphrase
        #expect(store.takeUp(found, settings, now: Self.begin + 3) == nil)
        #expect(store.canSign(made) && store.canSign(imported))
        let name = KeyStore.ownFile(made.keyID)
        #expect(try store.files.readKey(name, passphrase: passphrase).publicKey == made.publicKey)
        #expect(throws: KeyStoreFailure.self) { try store.files.readKey(name, passphrase: nil) }
        try store.activate(made.keyID, immediately: true, now: Self.begin + 4)
    }

    @Test func aKeyWhoseFileHoldsAnotherIsNotActivated() throws {
        var store = try fixture.open()
        try put(KeyStoreFixture.key(1), in: "a.pem")
        let record = try store.importKey("a.pem", now: Self.begin)
        try put(KeyStoreFixture.key(2), in: "a.pem")
        #expect(throws: KeyStoreFailure.refused(.privateHalfMissing)) {
            try store.activate(record.keyID, immediately: true, now: Self.begin + 1)
        }
    }

    /// The schedule goes on without it, and so does a revocation.
    @Test func anotherKeyStandsInForOneWhoseFileIsGone() throws {
        var store = try fixture.open()
        try store.catchUp(now: Self.begin + 99_000)
        let lost = try #require(store.ledger.records.last)
        try place.open().remove(KeyStore.ownFile(lost.keyID))
        try store.catchUp(now: Self.begin + 100_000)
        #expect(store.ledger.records.map(\.state) == [.active, .prepared, .prepared])
        try place.open().remove(KeyStore.ownFile(try #require(store.ledger.records.last).keyID))
        try store.revoke(store.ledger.active.keyID, now: Self.begin + 100_001)
        #expect(store.ledger.records.map(\.state) == [.revoked, .prepared, .prepared, .active])
        #expect(try fixture.open(now: Self.begin + 100_002).ledger.active.keyID == store.ledger.active.keyID)
    }

    @Test func aRevokedActiveKeyHandsOverToTheNextOrToANewOne() throws {
        var store = try fixture.open()
        let next = try store.prepare(now: Self.begin)
        var decided: KeyLedger?
        try store.revoke(store.ledger.active.keyID, now: Self.begin + 1) { decided = $0.ledger }
        #expect(decided == store.ledger)
        #expect(store.ledger.active.keyID == next.keyID)
        try store.revoke(next.keyID, now: Self.begin + 2)
        #expect(store.ledger.records.map(\.state) == [.revoked, .revoked, .active])
        #expect(try fixture.open(now: Self.begin + 3).ledger == store.ledger)
    }

    @Test func unknownKeysAreUnknown() throws {
        var store = try fixture.open()
        let stranger = KeyStoreFixture.keyID(of: KeyStoreFixture.key(1))
        #expect(throws: KeyStoreFailure.refused(.unknown)) {
            try store.activate(stranger, immediately: true, now: Self.begin)
        }
        #expect(throws: KeyStoreFailure.refused(.unknown)) { try store.revoke(stranger, now: Self.begin) }
    }

    @Test func keysRotateByThemselves() throws {
        var store = try fixture.open()
        let first = store.ledger.active.keyID
        try store.catchUp(now: Self.begin + 98_999)
        #expect(store.ledger.records.count == 1)
        try store.catchUp(now: Self.begin + 99_000)
        #expect(store.ledger.records.map(\.state) == [.active, .prepared])
        try store.catchUp(now: Self.begin + 99_999)
        #expect(store.ledger.active.keyID == first)
        try store.catchUp(now: Self.begin + 100_000)
        #expect(store.ledger.records.map(\.state) == [.retired, .active])
        try store.catchUp(now: Self.begin + 100_000 + 300 + 300 + 3_600)
        #expect(store.ledger.records.map(\.state) == [.removed, .active])
        #expect(try fixture.open(now: Self.begin + 105_000).ledger == store.ledger)
    }
}
