import MintmarkCrypto
import MintmarkSessionsTestSupport
import MintmarkTokens
import Testing

@testable import MintmarkStorage

/// The process dies, or the power goes, before, in the middle of and after every call to the disk in the life of keys.
@Suite struct KeyStoreCrashTests {
    /// What is done, in this order; the clock goes on by two thousand seconds for each.
    enum Step: CaseIterable {
        case prepareFirst, activateFirst, prepareSecond, revokeSecond, revokeActive, prepareThird, revokeActiveAgain
        case removeRetired, rotate

        var now: UInt64 {
            let index = UInt64(Self.allCases.firstIndex(of: self) ?? 0)
            let base = KeyStoreFixture.begin + 2_000 * (index + 1)
            return self == .rotate ? base + 200_000 : base
        }

        func take(on store: inout KeyStore) throws(KeyStoreFailure) {
            switch self {
            case .prepareFirst, .prepareSecond, .prepareThird:
                _ = try store.prepare(now: now)
            case .activateFirst:
                try store.activate(Self.prepared(store), immediately: false, now: now)
            case .revokeSecond:
                try store.revoke(Self.prepared(store), now: now)
            case .revokeActive, .revokeActiveAgain:
                try store.revoke(store.ledger.active.keyID, now: now)
            case .removeRetired, .rotate:
                try store.catchUp(now: now)
            }
        }

        private static func prepared(_ store: KeyStore) -> [UInt8] {
            store.ledger.records.last { $0.state == .prepared }?.keyID ?? []
        }
    }

    private struct Run {
        var ledgers: [KeyLedger] = []
        var failure: KeyStoreFailure?
    }

    /// Runs all steps until one fails; gives the ledgers that were acknowledged, that of the start first.
    private static func run(on disk: SimulatedDisk) -> Run {
        var run = Run()
        do throws(KeyStoreFailure) {
            var store = try KeyStoreFixture(disk).open()
            run.ledgers.append(store.ledger)
            for step in Step.allCases {
                try step.take(on: &store)
                run.ledgers.append(store.ledger)
            }
        } catch {
            run.failure = error
        }
        return run
    }

    @Test func everyStepIsTaken() throws {
        let run = Self.run(on: SimulatedDisk(seed: 0))
        #expect(run.failure == nil)
        #expect(run.ledgers.count == Step.allCases.count + 1)
        #expect(Set(run.ledgers.map(\.sequence)).count == run.ledgers.count)
        let states = try #require(run.ledgers.last).records.map(\.state)
        #expect(Set(states).isSuperset(of: [.active, .revoked, .removed]))
    }

    @Test(arguments: DiskDeath.Moment.allCases, [false, true])
    func oneKeySignsAfterACrashAtAnyCall(moment: DiskDeath.Moment, isPowerLost: Bool) throws {
        let clean = SimulatedDisk(seed: 0)
        let expected = Self.run(on: clean).ledgers
        for number in 1...clean.callCount {
            let disk = SimulatedDisk(seed: UInt64(number))
            disk.die(at: number, moment)
            let run = Self.run(on: disk)
            disk.crash(power: isPowerLost ? .lost : .kept)
            let label = "call \(number), \(moment), power lost: \(isPowerLost)"
            do {
                let now = KeyStoreFixture.begin + 300_000
                let store = try KeyStoreFixture(disk).open(now: now)
                let ring = try store.ring
                #expect(ring.activeKey.publicKey == store.ledger.active.publicKey, "\(label)")
                check(store.ledger, after: run.ledgers.count, of: expected, label)
                // And once more: what a start has put right stays so.
                let again = try KeyStoreFixture(disk).open(now: now)
                #expect(again.ledger == store.ledger, "\(label): a second start")
            } catch {
                Issue.record("\(label): \(error)\n\(disk.history)")
            }
        }
    }

    /// Keys and store of a new directory, in the order of a start.
    private static func start(on disk: SimulatedDisk) throws {
        _ = try KeyStoreFixture(disk).open()
        let store = StorageFixture(disk)
        try store.start()
        store.kill()
    }

    /// What tells that a store was begun must not tell so of one that was not.
    @Test(arguments: DiskDeath.Moment.allCases, [false, true])
    func theFirstStartMayDieAtAnyCall(moment: DiskDeath.Moment, isPowerLost: Bool) throws {
        let clean = SimulatedDisk(seed: 0)
        try Self.start(on: clean)
        for number in 1...clean.callCount {
            let disk = SimulatedDisk(seed: UInt64(number))
            disk.die(at: number, moment)
            try? Self.start(on: disk)
            disk.crash(power: isPowerLost ? .lost : .kept)
            do {
                try Self.start(on: disk)
                disk.crash(power: .lost)
                #expect(try Set(disk.list()).isSuperset(of: ["keys.state", "manifest", "store.begun"]))
                try Self.start(on: disk)
            } catch {
                Issue.record("call \(number), \(moment), power lost: \(isPowerLost): \(error)\n\(disk.history)")
            }
        }
    }

    /// The ledger is the last that was acknowledged or the next one; keys that no ledger knows yet may be there prepared.
    private func check(_ ledger: KeyLedger, after count: Int, of expected: [KeyLedger], _ label: String) {
        guard count > 0 else { return }
        let candidates = expected[(count - 1)...min(count, expected.count - 1)]
        let isExpected = candidates.contains { candidate in
            candidate.records.allSatisfy { ledger.record(of: $0.publicKey)?.state == $0.state }
                && ledger.records.allSatisfy {
                    candidate.record(of: $0.publicKey) != nil || $0.state == .prepared
                }
        }
        #expect(isExpected, "\(label): \(ledger.records.map(\.state)) after \(count) steps")
    }

    /// A write, sync or rename fails, once: the step is not taken or its outcome is unknown, and a revocation holds at once.
    @Test func aDiskThatFailsLeavesOneKeySigning() throws {
        let clean = SimulatedDisk(seed: 0)
        _ = Self.run(on: clean)
        for number in 1...clean.callCount {
            let disk = SimulatedDisk(seed: UInt64(number))
            disk.die(at: number, .before)
            guard var store = try? KeyStoreFixture(disk).open() else { continue }
            for step in Step.allCases {
                let former = store.ledger.active.keyID
                let result = Result { try step.take(on: &store) }
                #expect(throws: Never.self) { try store.ring }
                if step == .revokeActive || step == .revokeActiveAgain {
                    #expect(store.ledger.record(withID: former)?.state == .revoked, "call \(number), \(step)")
                }
                if case .failure = result { break }
            }
            disk.crash(power: .kept)
        }
    }

    @Test func whatCouldNotBeWrittenIsWrittenLater() throws {
        let disk = SimulatedDisk(seed: 3)
        var store = try KeyStoreFixture(disk).open()
        disk.isReadOnly = true
        let former = store.ledger.active.keyID
        #expect(throws: KeyStoreFailure.self) { try store.revoke(former, now: KeyStoreFixture.begin + 1) }
        #expect(store.isUnsettled)
        #expect(store.ledger.record(withID: former)?.state == .revoked)
        disk.isReadOnly = false
        try store.catchUp(now: KeyStoreFixture.begin + 2)
        #expect(!store.isUnsettled)
        disk.crash(power: .lost)
        let again = try KeyStoreFixture(disk).open(now: KeyStoreFixture.begin + 3)
        #expect(again.ledger.records.map(\.state) == store.ledger.records.map(\.state))
        #expect(again.ledger.active.publicKey == store.ledger.active.publicKey)
    }

    /// A reload writes anew what was made while it read.
    @Test func whatAReloadCouldNotWriteIsWrittenLater() throws {
        let disk = SimulatedDisk(seed: 4)
        let fixture = KeyStoreFixture(disk)
        var store = try fixture.open()
        let found = try store.readKeyDirectory(fixture.settings)
        let made = try store.prepare(now: KeyStoreFixture.begin)
        disk.isReadOnly = true
        #expect(store.takeUp(found, fixture.settings, now: KeyStoreFixture.begin + 1) != nil)
        #expect(store.isUnsettled && store.canSign(made))
        disk.isReadOnly = false
        try store.catchUp(now: KeyStoreFixture.begin + 2)
        #expect(!store.isUnsettled)
        disk.crash(power: .lost)
        let again = try KeyStoreFixture(disk).open(now: KeyStoreFixture.begin + 3)
        #expect(again.canSign(made))
    }
}
