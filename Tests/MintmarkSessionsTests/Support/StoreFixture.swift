import MintmarkCrypto
import MintmarkSessions
import MintmarkSessionsTestSupport

/// A store with a test journal, clocks that stand where the test puts them, and requests in one line.
final class StoreFixture {
    let store: SessionStore
    let journal: TestJournal
    let codec: RefreshTokenCodec
    var clocks = Clocks()
    var grant = GrantBuffer()

    typealias Clocks = TestClocks

    static let master = SecretBytes(count: 32, random: SeededRandom(seed: 1))
    static let epoch = StoreEpoch(rawValue: 1_000 << 20)

    static func codec(master: SecretBytes = master) -> RefreshTokenCodec {
        RefreshTokenCodec(keys: [RefreshTokenKey(id: 1, firstEpoch: StoreEpoch(rawValue: 0), master: master)])
    }

    init(
        limits: SessionStoreLimits = SessionStoreLimits(),
        epoch: StoreEpoch = StoreFixture.epoch,
        journal: TestJournal = TestJournal(),
        codec: RefreshTokenCodec = StoreFixture.codec(),
        seed: UInt64 = 7
    ) {
        self.journal = journal
        self.codec = codec
        store = SessionStore(
            limits: limits,
            codec: codec,
            epoch: epoch,
            journal: journal,
            random: SeededRandom(seed: seed)
        )
        // As the daemon does from the start: so the store knows the wall clock.
        store.sweep(steps: 0, now: now)
    }

    var now: SessionInstant {
        clocks.now
    }

    /// Everything so far becomes durable, and the store is told.
    func sync() {
        journal.sync()
        store.durabilityAdvanced(to: journal.durableLSN, atMilliseconds: clocks.serviceMilliseconds)
    }
}
