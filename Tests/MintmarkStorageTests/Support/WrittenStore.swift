import MintmarkCrypto
import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkStorage

/// A store with a history, on a real directory, after its daemon was killed: two snapshots, a journal of two segments
/// behind each, sessions that were rotated, revoked and cut off.
final class WrittenStore {
    let place: TestDirectory
    /// The newest refresh token of each session, by subject.
    private(set) var tokens: [String: [UInt8]] = [:]
    /// The numbers of the events behind the last snapshot, by what happened.
    private(set) var numbers: [String: UInt64] = [:]
    let records: [SessionID: SessionRecord]

    static let sessionCount = 12
    static let revoked = "user 3"
    static let cutOff = "user 5"
    static let wallSeconds: UInt64 = 1_800_000_000

    /// - Parameter prepare: puts something into the directory before the store begins there.
    init(mode: DurabilityMode = .always, prepare: (TestDirectory) throws -> Void = { _ in }) throws {
        place = try TestDirectory()
        try prepare(place)
        let fixture = StorageFixture(place.open(), mode: mode)
        try fixture.start()
        var tokens: [String: [UInt8]] = [:]
        var numbers: [String: UInt64] = [:]
        var ids: [String: SessionID] = [:]
        func rotate(_ number: Int) throws {
            let token = try #require(tokens["user \(number)"])
            let granted = try #require(fixture.refresh(token).granted)
            tokens["user \(number)"] = granted.token
            numbers["rotated \(number)"] = granted.after.rawValue
            fixture.work()
        }
        for number in 0..<Self.sessionCount {
            let granted = try #require(fixture.open(subject: "user \(number)").granted)
            tokens["user \(number)"] = granted.token
            ids["user \(number)"] = granted.sessionID
        }
        fixture.work()
        #expect(fixture.snapshot() == nil)
        try rotate(0)
        #expect(fixture.revoke(.session(try #require(ids[Self.revoked]))) != .done(.zero))
        fixture.work()
        #expect(fixture.snapshot() == nil)
        try rotate(1)
        try rotate(2)
        #expect(fixture.revoke(.everything(of: .subject(Array(Self.cutOff.utf8)))) != .done(.zero))
        fixture.work()
        try rotate(4)
        records = fixture.records
        fixture.kill()
        self.tokens = tokens
        self.numbers = numbers
    }

    /// What `check` says.
    func check(masters: [SecretBytes] = [StorageFixture.master]) -> StoreFindings {
        StoreCheck.run(
            place.open(isReadOnly: true),
            masters: masters,
            wallSeconds: Self.wallSeconds,
            random: SeededRandom(seed: 7)
        )
    }

    /// A store on the same directory, started.
    func start(master: SecretBytes = StorageFixture.master) throws -> StorageFixture {
        let fixture = StorageFixture(place.open(), master: master, seed: 2)
        try fixture.start()
        return fixture
    }

    /// What a start refuses for; nil when it does not.
    func startFailure() -> RecoveryFailure? {
        do throws(RecoveryFailure) {
            let opening = try StoreOpening(place.open(), master: StorageFixture.master)
            let store = SessionStore.scratch(
                tokenKeys: opening.tokenKeys,
                epoch: opening.epoch,
                journal: FrozenJournal(),
                random: SeededRandom(seed: 8)
            )
            _ = try opening.recover(into: store)
            return nil
        } catch {
            return error
        }
    }

    /// Expects that every session of the history goes on as it stood at the end.
    func expectEverySessionGoesOn(in fixture: StorageFixture) {
        for (subject, token) in tokens {
            let isRefused = subject == Self.revoked || subject == Self.cutOff
            #expect(fixture.refresh(token).refusal == (isRefused ? .revoked : nil), "\(subject)")
        }
    }
}
