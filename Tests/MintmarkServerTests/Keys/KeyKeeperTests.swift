import Logging
import MintmarkCrypto
import MintmarkEngine
import MintmarkSessions
import MintmarkStorage
import MintmarkTestSupport
import MintmarkTokens
import NIOConcurrencyHelpers
import Testing

@testable import MintmarkServer

/// Keys as the server keeps them, on a clock of the test's.
@Suite struct KeyKeeperTests {
    private static let begin: UInt64 = 1_800_000_000
    private static let caller = KeyCaller(clientID: Array("ops".utf8), peer: "unix")

    private let home: TemporaryDirectory
    private let clock = NIOLockedValueBox(Clock())
    private let trail = AuditRecorder()
    private let cache = VerifiedTokenCache(byteCountMax: 1 << 20, random: SystemRandom())

    private struct Clock {
        var wallSeconds = KeyKeeperTests.begin
        var serviceSeconds: UInt64 = 0

        var instant: SessionInstant {
            SessionInstant(
                serviceMilliseconds: serviceSeconds * 1_000,
                storeSeconds: wallSeconds,
                wallSeconds: wallSeconds
            )
        }
    }

    init() throws {
        home = try TemporaryDirectory()
    }

    private func keeper(_ issuers: [Configuration.TrustedIssuer] = []) throws -> KeyKeeper {
        let directory = try DataDirectory(path: home.path)
        let disk = try directory.disk()
        let keys = try KeyDirectory.open(directory.file("keys"), isOurs: true)
        let policy = KeyPolicy(rotationSeconds: 100_000, publicationSeconds: 1_000, tokenLifetimeSeconds: 300)
        let master = SecretBytes(count: 32) { $0.initializeMemory(as: UInt8.self, repeating: 7) }
        let store = try KeyStore.open(
            KeyStore.Files(data: disk, keys: keys, master: master),
            named: .usual(passphrase: nil),
            settings: KeyStore.Settings(policy: policy, algorithm: .edDSA),
            now: clock.withLockedValue(\.wallSeconds),
            random: SystemRandom()
        )
        return try KeyKeeper(
            store: store,
            issuers: issuers,
            profile: KeyKeeper.Profile(
                tokens: TokenProfile(issuer: Array("https://a.example".utf8)),
                cache: cache,
                leewaySeconds: 30
            ),
            instant: { [clock] in clock.withLockedValue(\.instant) },
            place: SecretPlace(credentials: nil),
            audit: trail,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func wait(seconds: UInt64) {
        clock.withLockedValue {
            $0.wallSeconds += seconds
            $0.serviceSeconds += seconds
        }
    }

    /// The clock is set to another time.
    private func set(aheadBy seconds: Int) {
        clock.withLockedValue { $0.wallSeconds = UInt64(Int($0.wallSeconds) + seconds) }
    }

    @Test func keysRotateOnTheirOwnScheduleAndTheCacheStays() throws {
        let keeper = try keeper()
        let first = keeper.tokens.now
        wait(seconds: 99_000)
        keeper.catchUp()
        #expect(keeper.records.map(\.state) == [.active, .prepared])
        wait(seconds: 1_000)
        keeper.catchUp()
        #expect(keeper.records.map(\.state) == [.retired, .active])
        #expect(keeper.tokens.now.signer.keys.activeKey.publicKey != first.signer.keys.activeKey.publicKey)
        #expect(keeper.tokens.now.verifier.generation == first.verifier.generation)
        wait(seconds: 300 + 300 + 3_600)
        keeper.catchUp()
        #expect(keeper.records.map(\.state) == [.removed, .active])
        #expect(keeper.tokens.now.verifier.generation != first.verifier.generation)
        #expect(trail.events.map(\.name) == [.keyPrepared, .keyRetired, .keyActivated, .keyRemoved])
        #expect(trail.events.allSatisfy { $0.clientID == nil })
    }

    /// Neither does a key go whose tokens are good still, nor does one sign that nobody knows, nor end before its time.
    @Test func aClockThatIsAheadForAWhileMovesNoKey() throws {
        let keeper = try keeper()
        keeper.catchUp()
        wait(seconds: 99_000)
        keeper.catchUp()
        for states in [[KeyRecord.State.active, .prepared], [.retired, .active]] {
            #expect(keeper.records.map(\.state) == states)
            set(aheadBy: 80_000)
            for _ in 0..<9 {
                keeper.catchUp()
                wait(seconds: 100)
            }
            set(aheadBy: -80_000)
            keeper.catchUp()
            #expect(keeper.records.map(\.state) == states)
            wait(seconds: 100)
            keeper.catchUp()
        }
    }

    /// Nor may somebody let one sign by it that nobody can know, unless that is said to be wanted.
    @Test func aClockThatIsAheadMakesNoKeyUsable() throws {
        let keeper = try keeper()
        keeper.catchUp()
        guard case .done(let keyID, let usableAt) = keeper.perform(.prepare, by: Self.caller) else {
            Issue.record("no key was prepared")
            return
        }
        set(aheadBy: 80_000)
        let refused = KeyJob.Failure.refused(.tooSoon(until: usableAt + 80_000))
        let activation = KeyCommand.activate(keyID: keyID, immediately: false)
        #expect(keeper.perform(activation, by: Self.caller) == .failed(refused))
        #expect(keeper.failure(of: activation) == refused)
        set(aheadBy: -80_000)
        wait(seconds: 1_000)
        keeper.catchUp()
        #expect(keeper.failure(of: activation) == nil)
        set(aheadBy: 80_000)
        keeper.catchUp()
        #expect(keeper.failure(of: .activate(keyID: keyID, immediately: true)) == nil)
        guard case .done = keeper.perform(activation, by: Self.caller) else {
            Issue.record("a key that everybody knows may sign, however far the clock is ahead")
            return
        }
    }

    /// For as long as a retired key's tokens may be good, and everybody needs to know a new one.
    @Test(arguments: [(-1, false), (0, true), (1, true)])
    func aClockThatStaysAheadIsFollowed(offset: Int, isFollowed: Bool) throws {
        let keeper = try keeper()
        keeper.catchUp()
        set(aheadBy: 99_000)
        keeper.catchUp()
        #expect(keeper.records.map(\.state) == [.active])
        let patience = 1_000
        wait(seconds: UInt64(patience + offset))
        keeper.catchUp()
        #expect(keeper.records.map(\.state) == (isFollowed ? [.active, .prepared] : [.active]))
    }

    @Test func revocationReplacesTheServiceAndItsGeneration() throws {
        let keeper = try keeper()
        let before = keeper.tokens.now
        let keyID = keeper.records[0].keyID
        let outcome = keeper.perform(.revoke(keyID: keyID), by: Self.caller)
        let active = try #require(keeper.records.first { $0.state == .active })
        #expect(outcome == .done(keyID: active.keyID, usableAt: Self.begin + 1_000))
        #expect(keeper.tokens.now.verifier.generation != before.verifier.generation)
        #expect(keeper.records.map(\.state) == [.revoked, .active])
        let text = String(decoding: keeper.tokens.now.signer.keys.jwks, as: UTF8.self)
        #expect(!text.contains(String(decoding: keyID, as: UTF8.self)))
        #expect(trail.events.map(\.name) == [.keyRevoked, .keyActivated])
        #expect(trail.events.allSatisfy { $0.clientID == Self.caller.clientID && $0.peer == "unix" })
    }

    @Test func everyFailureHasItsOutcome() throws {
        let keeper = try keeper()
        let caller = Self.caller
        #expect(keeper.perform(.revoke(keyID: [1]), by: caller) == .failed(.notFound))
        #expect(keeper.perform(.activate(keyID: [1], immediately: true), by: caller) == .failed(.notFound))
        #expect(keeper.perform(.importFile("a.pem"), by: caller) == .failed(.notFound))
        #expect(keeper.perform(.importFile("../a.pem"), by: caller) == .failed(.fileName))
        guard case .done(let keyID, let usableAt) = keeper.perform(.prepare, by: caller) else {
            Issue.record("no key was prepared")
            return
        }
        #expect(usableAt == Self.begin + 1_000)
        #expect(
            keeper.perform(.activate(keyID: keyID, immediately: false), by: caller)
                == .failed(.refused(.tooSoon(until: usableAt)))
        )
        try home.write(Array("hello".utf8), to: "keys/b.pem", mode: 0o600)
        #expect(keeper.perform(.importFile("b.pem"), by: caller) == .failed(.fileRefused))
    }

    /// Without a disk: so the rate can be asked behind it.
    @Test func whatTheKeysTellIsKnownBeforehand() throws {
        let keeper = try keeper()
        let active = keeper.records[0].keyID
        #expect(keeper.failure(of: .revoke(keyID: [1])) == .notFound)
        #expect(keeper.failure(of: .activate(keyID: [1], immediately: true)) == .notFound)
        #expect(keeper.failure(of: .importFile("../a.pem")) == .fileName)
        #expect(keeper.failure(of: .importFile("a.pem")) == nil)
        #expect(keeper.failure(of: .activate(keyID: active, immediately: false)) == nil)
        _ = keeper.perform(.prepare, by: Self.caller)
        let keyID = keeper.records[1].keyID
        #expect(keeper.failure(of: .activate(keyID: keyID, immediately: true)) == nil)
        let tooSoon = KeyJob.Failure.refused(.tooSoon(until: Self.begin + 1_000))
        for (seconds, failure) in [(999, tooSoon), (1, nil), (1, nil)] as [(UInt64, KeyJob.Failure?)] {
            wait(seconds: seconds)
            #expect(keeper.failure(of: .activate(keyID: keyID, immediately: false)) == failure)
        }
        _ = keeper.perform(.revoke(keyID: keyID), by: Self.caller)
        #expect(keeper.failure(of: .activate(keyID: keyID, immediately: true)) == .refused(.state(.revoked)))
        #expect(keeper.failure(of: .revoke(keyID: keyID)) == nil)
        for count in 1..<KeyLimits.liveKeysMax {
            #expect(keeper.failure(of: .prepare) == nil, "\(count) keys")
            _ = keeper.perform(.prepare, by: Self.caller)
        }
        #expect(keeper.failure(of: .prepare) == .refused(.full))
    }

    @Test func changesWaitForTheirTurnAndAreBounded() async throws {
        let keeper = try keeper()
        let settled = NIOLockedValueBox(0)
        keeper.onSettled { settled.withLockedValue { $0 += 1 } }
        keeper.start()
        // The first change asks for the time, and waits for as long as the clock is held.
        let (jobs, oneMore) = clock.withLockedValue { _ in
            let jobs = (0..<KeyKeeper.jobsMax).compactMap { _ in
                keeper.submit(.activate(keyID: [], immediately: true), by: Self.caller)
            }
            return (jobs, keeper.submit(.prepare, by: Self.caller))
        }
        #expect(jobs.count == KeyKeeper.jobsMax)
        #expect(oneMore == nil)
        await keeper.stop()
        #expect(jobs.allSatisfy { $0.outcome != nil })
        #expect(settled.withLockedValue { $0 } == KeyKeeper.jobsMax)
    }

    /// A reload that is refused by another part has changed nothing here.
    @Test func whatIsPreparedDoesNotCountUntilItIsApplied() throws {
        let issuer = Configuration.TrustedIssuer(
            issuer: "https://b.example",
            jwksFile: home.file("b.json"),
            audiences: []
        )
        let keeper = try keeper()
        try home.write(keeper.tokens.now.signer.keys.jwks, to: "b.json", mode: 0o644)
        let key = KeyFile.write(Ed25519SigningKey(random: SystemRandom()))
        try home.write(key.withBytes { $0.withUnsafeBytes { Array($0) } }, to: "keys/b.pem", mode: 0o600)
        let policy = KeyPolicy(rotationSeconds: 100_000, publicationSeconds: 1_000, tokenLifetimeSeconds: 900)
        let (service, ledger) = (keeper.tokens.now, try home.read("keys.state"))
        let prepared = try keeper.prepare(KeyStore.Settings(policy: policy, algorithm: .ed25519), [issuer])
        #expect(keeper.tokens.now === service)
        #expect(keeper.records.map(\.state) == [.active])
        #expect(try home.read("keys.state") == ledger)
        #expect(trail.events.isEmpty)
        keeper.apply(prepared)
        #expect(keeper.tokens.now.verifier.issuers.map(\.keys.count) == [1])
        #expect(keeper.records.map(\.state) == [.active, .prepared])
        #expect(try home.read("keys.state") != ledger)
        #expect(trail.events.map(\.name) == [.keyPrepared])
    }

    @Test func keysOfOthersAreReadAgainWhenTheirFileChanges() throws {
        let issuer = Configuration.TrustedIssuer(
            issuer: "https://b.example",
            jwksFile: home.file("b.json"),
            audiences: []
        )
        let keeper = try keeper([issuer])
        func count() -> Int { keeper.tokens.now.verifier.issuers[0].keys.count }
        #expect(count() == 0)
        let keys = keeper.tokens.now.signer.keys.jwks
        try home.write(keys, to: "b.json", mode: 0o644)
        keeper.lookAtIssuers()
        #expect(count() == 1)
        let service = keeper.tokens.now
        keeper.lookAtIssuers()
        #expect(keeper.tokens.now === service)
        try home.write(Array("{".utf8), to: "b.json", mode: 0o644)
        keeper.lookAtIssuers()
        #expect(count() == 1)
        try home.write(Array(#"{"keys":[]}"#.utf8), to: "b.json", mode: 0o644)
        keeper.lookAtIssuers()
        #expect(count() == 0)
    }
}
