import MintmarkCrypto
import MintmarkTestSupport
import Testing

@testable import MintmarkTokens

@Suite("The life of signing keys")
struct KeyLedgerTests {
    static let policy = KeyPolicy(rotationSeconds: 10_000, publicationSeconds: 1_000, tokenLifetimeSeconds: 300)
    static let begin: UInt64 = 1_000_000

    /// A ledger with a key in each state, and the keys by it: the key of state N has the seed N.
    static func ledgerWithEveryState() throws -> KeyLedger {
        let ids = KeyRecord.State.allCases.map { keyID(of: $0) }
        var ledger = KeyLedger(key(of: .removed), policy: policy, now: begin)
        for state in [KeyRecord.State.retired, .active, .revoked, .prepared] {
            try ledger.prepare(key(of: state), now: begin)
        }
        try ledger.revoke(keyID(of: .revoked), successor: nil, policy: policy, now: begin)
        try ledger.activate(keyID(of: .retired), atOnce: true, policy: policy, now: begin)
        let gone = try #require(ledger.record(withID: ids[4]))
        try ledger.remove(keyID(of: .removed), now: gone.removableAt)
        try ledger.activate(keyID(of: .active), atOnce: true, policy: policy, now: begin)
        return ledger
    }

    static func key(of state: KeyRecord.State) -> Ed25519PublicKey { TestIssuer.key(state.rawValue).publicKey }

    static func keyID(of state: KeyRecord.State) -> [UInt8] {
        KeyRing.Key(key(of: state), state: .active).keyID
    }

    // MARK: Every state and every step

    @Test func everyStateIsThere() throws {
        let ledger = try Self.ledgerWithEveryState()
        for state in KeyRecord.State.allCases {
            #expect(ledger.record(of: Self.key(of: state))?.state == state)
        }
    }

    @Test(arguments: KeyRecord.State.allCases)
    func preparing(state: KeyRecord.State) throws {
        var ledger = try Self.ledgerWithEveryState()
        let before = ledger
        guard state != .prepared else {
            try ledger.prepare(Self.key(of: state), now: Self.begin + 1)
            #expect(ledger == before)
            return
        }
        #expect(throws: KeyRefusal.state(state)) { try ledger.prepare(Self.key(of: state), now: Self.begin) }
        #expect(ledger == before)
    }

    @Test(arguments: KeyRecord.State.allCases, [false, true])
    func activating(state: KeyRecord.State, isAtOnce: Bool) throws {
        var ledger = try Self.ledgerWithEveryState()
        let before = ledger
        let now = Self.begin + Self.policy.publicationSeconds
        func activate() throws(KeyRefusal) {
            try ledger.activate(Self.keyID(of: state), atOnce: isAtOnce, policy: Self.policy, now: now)
        }
        switch state {
        case .prepared:
            try activate()
            #expect(ledger.active.publicKey == Self.key(of: .prepared))
            #expect(ledger.active.activatedAt == now)
            #expect(ledger.record(of: Self.key(of: .active))?.state == .retired)
            #expect(ledger.record(of: Self.key(of: .active))?.retiredAt == now)
        case .active:
            try activate()
            #expect(ledger == before)
        case .retired, .revoked, .removed:
            #expect(throws: KeyRefusal.state(state)) { try activate() }
            #expect(ledger == before)
        }
    }

    @Test(arguments: KeyRecord.State.allCases)
    func revoking(state: KeyRecord.State) throws {
        var ledger = try Self.ledgerWithEveryState()
        let before = ledger
        func revoke() throws(KeyRefusal) {
            let successor = state == .active ? Self.key(of: .prepared) : nil
            let keyID = Self.keyID(of: state)
            try ledger.revoke(keyID, successor: successor, policy: Self.policy, now: Self.begin + 5)
        }
        switch state {
        case .prepared, .active, .retired:
            try revoke()
            #expect(ledger.record(of: Self.key(of: state))?.state == .revoked)
            #expect(ledger.record(of: Self.key(of: state))?.endedAt == Self.begin + 5)
            #expect(ledger.active.publicKey == Self.key(of: state == .active ? .prepared : .active))
        case .revoked:
            try revoke()
            #expect(ledger == before)
        case .removed:
            #expect(throws: KeyRefusal.unknown) { try revoke() }
            #expect(ledger == before)
        }
    }

    @Test(arguments: KeyRecord.State.allCases)
    func removing(state: KeyRecord.State) throws {
        var ledger = try Self.ledgerWithEveryState()
        let before = ledger
        func remove() throws(KeyRefusal) { try ledger.remove(Self.keyID(of: state), now: Self.begin + 1_000_000) }
        guard state == .retired else {
            #expect(throws: KeyRefusal.state(state)) { try remove() }
            #expect(ledger == before)
            return
        }
        try remove()
        #expect(ledger.record(of: Self.key(of: state))?.state == .removed)
    }

    @Test func unknownKeysAreUnknown() throws {
        var ledger = try Self.ledgerWithEveryState()
        let stranger = KeyRing.Key(TestIssuer.key(99).publicKey, state: .active).keyID
        #expect(throws: KeyRefusal.unknown) {
            try ledger.activate(stranger, atOnce: true, policy: Self.policy, now: Self.begin)
        }
        #expect(throws: KeyRefusal.unknown) {
            try ledger.revoke(stranger, successor: nil, policy: Self.policy, now: Self.begin)
        }
        #expect(throws: KeyRefusal.unknown) { try ledger.remove(stranger, now: Self.begin) }
    }

    @Test func anActiveKeyIsRevokedInFavourOfANewOne() throws {
        var ledger = KeyLedger(Self.key(of: .active), policy: Self.policy, now: Self.begin)
        let successor = TestIssuer.key(50).publicKey
        try ledger.revoke(ledger.active.keyID, successor: successor, policy: Self.policy, now: Self.begin + 1)
        #expect(ledger.active.publicKey == successor)
        #expect(ledger.active.activatedAt == Self.begin + 1)
        #expect(ledger.records.map(\.state) == [.revoked, .active])
    }

    // MARK: Times

    @Test(arguments: [(-1, false), (0, true), (1, true)])
    func aKeyIsPublishedBeforeItSigns(offset: Int, isUsable: Bool) throws {
        var ledger = try Self.ledgerWithEveryState()
        let usableAt = Self.begin + Self.policy.publicationSeconds
        let now = UInt64(Int(usableAt) + offset)
        let keyID = Self.keyID(of: .prepared)
        if isUsable {
            try ledger.activate(keyID, policy: Self.policy, now: now)
        } else {
            #expect(throws: KeyRefusal.tooSoon(until: usableAt)) {
                try ledger.activate(keyID, policy: Self.policy, now: now)
            }
        }
    }

    /// The last token of a key expires its life after the last signature, as slow a clock as may be, and with leeway.
    @Test(arguments: [(-1, false), (0, true), (1, true)])
    func aRetiredKeyVerifiesItsLastTokenForItsWholeLife(offset: Int, isGone: Bool) throws {
        var ledger = try Self.ledgerWithEveryState()
        let until = Self.begin + 300 + KeyLimits.leewaySecondsMax + KeyLimits.clockAllowanceSeconds
        let now = UInt64(Int(until) + offset)
        let due = ledger.due(policy: Self.policy, now: now, canSign: { _ in false })
        if isGone {
            #expect(due == .remove(Self.keyID(of: .retired)))
            try ledger.remove(Self.keyID(of: .retired), now: now)
        } else {
            #expect(due == nil)
            #expect(throws: KeyRefusal.tooSoon(until: until)) {
                try ledger.remove(Self.keyID(of: .retired), now: now)
            }
        }
    }

    @Test func theLongestLifeOfTokensThatThereWasCounts() throws {
        var ledger = KeyLedger(Self.key(of: .active), policy: Self.policy, now: Self.begin)
        var longer = Self.policy
        longer.tokenLifetimeSeconds = 86_400
        let isLonger = ledger.adapt(to: longer, now: Self.begin + 1)
        #expect(isLonger)
        let isShorter = ledger.adapt(to: Self.policy, now: Self.begin + 2)
        #expect(!isShorter)
        try ledger.prepare(Self.key(of: .prepared), now: Self.begin + 3)
        try ledger.activate(Self.keyID(of: .prepared), atOnce: true, policy: Self.policy, now: Self.begin + 4)
        let retired = try #require(ledger.record(of: Self.key(of: .active)))
        #expect(retired.tokenLifetimeSeconds == 86_400)
        #expect(ledger.active.tokenLifetimeSeconds == 300)
    }

    @Test func aClockThatWasSetBackHoldsNothingUp() throws {
        var ledger = KeyLedger(Self.key(of: .active), policy: Self.policy, now: Self.begin + 1_000_000_000)
        _ = ledger.adapt(to: Self.policy, now: Self.begin)
        #expect(ledger.active.activatedAt == Self.begin)
        #expect(ledger.due(policy: Self.policy, now: Self.begin + 9_000, canSign: { _ in true }) == .prepare)
    }

    // MARK: The schedule

    /// One rotation after the other by the clock alone, looked at every hundred seconds.
    @Test func keysReplaceOneAnotherByThemselves() throws {
        var ledger = KeyLedger(TestIssuer.key(1).publicKey, policy: Self.policy, now: Self.begin)
        var made: UInt8 = 1
        var history: [(KeyLedger.Due, UInt64)] = []
        for now in stride(from: Self.begin, through: Self.begin + 30_000, by: 100) {
            while let due = ledger.due(policy: Self.policy, now: now, canSign: { _ in true }) {
                history.append((due, now - Self.begin))
                switch due {
                case .prepare:
                    made += 1
                    try ledger.prepare(TestIssuer.key(made).publicKey, now: now)
                case .activate(let keyID): try ledger.activate(keyID, policy: Self.policy, now: now)
                case .remove(let keyID): try ledger.remove(keyID, now: now)
                }
            }
            #expect(ledger.liveCount <= 2)
        }
        let ids = (1...4).map { KeyRing.Key(TestIssuer.key($0).publicKey, state: .active).keyID }
        #expect(
            history.map(\.0) == [
                .prepare, .activate(ids[1]), .remove(ids[0]), .prepare, .activate(ids[2]), .remove(ids[1]), .prepare,
                .activate(ids[3]),
            ]
        )
        #expect(history.map(\.1) == [9_000, 10_000, 14_200, 19_000, 20_000, 24_200, 29_000, 30_000])
    }

    @Test func nothingReplacesAKeyThatIsToStay() {
        let ledger = KeyLedger(Self.key(of: .active), policy: Self.policy, now: Self.begin)
        var policy = Self.policy
        policy.rotationSeconds = nil
        #expect(ledger.due(policy: policy, now: .max / 4, canSign: { _ in true }) == nil)
    }

    @Test func aKeyWithoutItsPrivateHalfWaits() throws {
        var ledger = KeyLedger(Self.key(of: .active), policy: Self.policy, now: Self.begin)
        try ledger.prepare(Self.key(of: .prepared), now: Self.begin)
        let now = Self.begin + 10_000
        let keyID = Self.keyID(of: .prepared)
        #expect(ledger.due(policy: Self.policy, now: now, canSign: { _ in false }) == .prepare)
        #expect(ledger.due(policy: Self.policy, now: now, canSign: { _ in true }) == .activate(keyID))
    }

    // MARK: Bounds

    @Test func liveKeysAreBounded() throws {
        var ledger = KeyLedger(TestIssuer.key(0).publicKey, policy: Self.policy, now: Self.begin)
        for number in 1..<UInt8(KeyLimits.liveKeysMax) {
            try ledger.prepare(TestIssuer.key(number).publicKey, now: Self.begin)
        }
        #expect(ledger.liveCount == KeyLimits.liveKeysMax)
        #expect(throws: KeyRefusal.full) { try ledger.prepare(TestIssuer.key(200).publicKey, now: Self.begin) }
        #expect(ledger.due(policy: Self.policy, now: Self.begin + 9_000, canSign: { _ in false }) == nil)
        // What exists may always be revoked, and makes room.
        let active = ledger.active.keyID
        try ledger.revoke(active, successor: TestIssuer.key(1).publicKey, policy: Self.policy, now: Self.begin)
        try ledger.prepare(TestIssuer.key(200).publicKey, now: Self.begin)
    }

    @Test func endedKeysAreBoundedAndTheOldestGo() throws {
        var ledger = KeyLedger(Self.seeded(0), policy: Self.policy, now: Self.begin)
        let countMax = KeyLimits.revokedKeysMax + KeyLimits.removedKeysMax
        for number in 1...countMax + 1 {
            try Self.revoke(number, in: &ledger)
        }
        #expect(ledger.records.count { $0.state == .revoked } == KeyLimits.revokedKeysMax)
        #expect(ledger.records.count { $0.state == .removed } == KeyLimits.removedKeysMax)
        #expect(ledger.record(of: Self.seeded(1)) == nil)
        #expect(ledger.record(of: Self.seeded(2))?.state == .removed)
        #expect(ledger.record(of: Self.seeded(KeyLimits.removedKeysMax + 2))?.state == .revoked)
    }

    /// Whatever key was revoked, and however many were since, nobody who brings it again has it taken up.
    @Test(arguments: [-1, 0, 1, 64])
    func aRevokedKeyNeverComesBack(excess: Int) throws {
        let countMax = KeyLimits.revokedKeysMax + KeyLimits.removedKeysMax
        var ledger = KeyLedger(Self.seeded(0), policy: Self.policy, now: Self.begin)
        for number in 1...countMax + excess { try Self.revoke(number, in: &ledger) }
        for number in 1...countMax + excess {
            #expect(throws: KeyRefusal.self) { try ledger.prepare(Self.seeded(number), now: Self.begin) }
        }
        if excess < 0 {
            try ledger.prepare(Self.seeded(5_000), now: Self.begin)
        } else {
            #expect(throws: KeyRefusal.revokedMemoryFull) { try ledger.prepare(Self.seeded(5_000), now: Self.begin) }
        }
        // What the server makes itself it takes up, and revokes.
        try Self.revoke(5_001, in: &ledger)
        let bytes = ledger.encode(with: Self.authenticator)
        #expect(try KeyLedger(decoding: bytes.span.bytes, with: Self.authenticator) == ledger)
    }

    @Test func keysThatWereNeverRevokedAreForgottenFirst() throws {
        var ledger = KeyLedger(Self.seeded(0), policy: Self.policy, now: Self.begin)
        let revoked = 1...KeyLimits.revokedKeysMax + 10
        for number in revoked { try Self.revoke(number, in: &ledger) }
        var now = Self.begin + 1_000
        for number in 1_000..<1_000 + KeyLimits.removedKeysMax + 5 {
            now += 10_000
            try ledger.prepare(Self.seeded(number), now: now)
            let former = ledger.active.keyID
            try ledger.activate(Self.keyID(number), atOnce: true, policy: Self.policy, now: now)
            try ledger.remove(former, now: now + 9_999)
        }
        #expect(ledger.records.count { $0.state == .removed } == KeyLimits.removedKeysMax)
        #expect(revoked.allSatisfy { ledger.record(of: Self.seeded($0))?.wasRevoked == true })
        #expect(ledger.record(of: Self.seeded(1_000)) == nil)
        #expect(ledger.revokedCount == revoked.count)
    }

    private static let authenticator = KeyLedger.authenticator(
        master: SecretBytes(count: KeyDerivation.masterByteCount) { $0.initializeMemory(as: UInt8.self, repeating: 5) }
    )

    private static func revoke(_ number: Int, in ledger: inout KeyLedger) throws {
        try ledger.prepare(seeded(number), isNew: true, now: begin)
        try ledger.revoke(keyID(number), successor: nil, policy: policy, now: begin + UInt64(number))
    }

    private static func keyID(_ number: Int) -> [UInt8] { KeyRing.Key(seeded(number), state: .active).keyID }

    private static func seeded(_ number: Int) -> Ed25519PublicKey {
        var seed = [UInt8](repeating: 7, count: 32)
        seed[0] = UInt8(number & 0xFF)
        seed[1] = UInt8(number >> 8)
        return TestIssuer.key(seed: seed).publicKey
    }

    // MARK: Any order

    /// Steps at random: there is one active key in every ledger, its own bytes give it back, and no key comes back.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func whateverHappensOneKeyIsActive(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let authenticator = KeyLedgerFormatTests.authenticator(1)
        var now = Self.begin
        var ledger = KeyLedger(TestIssuer.key(0).publicKey, policy: Self.policy, now: now)
        for step in 0..<60 {
            now += UInt64.random(in: 0...3_000, using: &generator)
            let before = ledger
            let number = UInt8.random(in: 0...12, using: &generator)
            let key = TestIssuer.key(number).publicKey
            let keyID = KeyRing.Key(key, state: .active).keyID
            do {
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: try ledger.prepare(key, now: now)
                case 1:
                    try ledger.activate(keyID, atOnce: Bool.random(using: &generator), policy: Self.policy, now: now)
                case 2:
                    let next = ledger.nextKey { _ in true }?.publicKey ?? TestIssuer.key(100 + UInt8(step)).publicKey
                    let successor = ledger.active.keyID == keyID ? next : nil
                    try ledger.revoke(keyID, successor: successor, policy: Self.policy, now: now)
                case 3: try ledger.remove(keyID, now: now)
                default: _ = ledger.adapt(to: Self.policy, now: now)
                }
            } catch {
                #expect(ledger == before, "seed \(seed), step \(step): a refused step changes nothing")
            }
            #expect(ledger.records.count { $0.state == .active } == 1, "seed \(seed), step \(step)")
            let bytes = ledger.encode(with: authenticator)
            #expect(try KeyLedger(decoding: bytes.span.bytes, with: authenticator) == ledger)
            for record in before.records where !record.state.isLive {
                let state = try #require(ledger.record(of: record.publicKey)?.state)
                #expect(!state.isLive, "seed \(seed), step \(step): a key came back")
            }
        }
    }
}
