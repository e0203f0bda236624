import MintmarkSessions
import MintmarkSessionsTestSupport
import MintmarkTestSupport

/// Random operations on a store: several clients with different policies, holders of old and new tokens, revocations of
/// every kind, time that passes. Makes states, checks nothing.
struct StoreWalk {
    private var generator: SeededGenerator
    private var tokens: [(token: [UInt8], caller: Int)] = []
    private var sessions: [SessionID] = []

    static let callers: [SessionCaller] = [
        .client("local"),
        .client("never") { $0.rotation = .never },
        .client("context") { $0.context = .rotate },
        .client("periodic") {
            $0.rotation = .after(seconds: 60)
            $0.idleSeconds = 3_200
        },
        .client("capped") { $0.sessionsPerSubject = SubjectCap(limit: 2, rule: .oldestOut) },
    ]

    static let subjects = ["alice", "bob", String(repeating: "long", count: 40)]

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    mutating func step(_ fixture: StoreFixture) {
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<20: open(fixture)
        case 20..<80: refresh(fixture)
        case 80..<84: _ = fixture.revoke(aim())
        case 84..<90: _ = fixture.force(aim())
        case 90..<95: fixture.clocks.advance(milliseconds: UInt64.random(in: 1...20_000, using: &generator))
        case 95..<97: fixture.clocks.advance(seconds: UInt64.random(in: 100...4_000, using: &generator))
        case 97..<99: fixture.sync()
        default: fixture.clocks.wallSeconds += 3
        }
    }

    private mutating func open(_ fixture: StoreFixture) {
        let caller = Int.random(in: Self.callers.indices, using: &generator)
        let subject = Self.subjects[Int.random(in: Self.subjects.indices, using: &generator)]
        let context = caller == 2 ? context() : nil
        let claims = Bool.random(using: &generator) ? #"{"a":1}"# : nil
        let outcome = fixture.open(subject: subject, claims: claims, context: context, caller: Self.callers[caller])
        if let granted = outcome.granted {
            tokens.append((granted.token, caller))
            sessions.append(granted.sessionID)
        }
    }

    private mutating func refresh(_ fixture: StoreFixture) {
        guard !tokens.isEmpty else { return }
        // Mostly the newest tokens, now and then an old one.
        let reach = Bool.random(using: &generator) ? 4 : tokens.count
        let index = Int.random(in: max(0, tokens.count - reach)..<tokens.count, using: &generator)
        let (token, caller) = tokens[index]
        let outcome = fixture.refresh(token, context: caller == 2 ? context() : nil, caller: Self.callers[caller])
        if let granted = outcome.granted, granted.token != token {
            tokens.append((granted.token, caller))
        }
    }

    private mutating func context() -> String? {
        [nil, "home", "home", "home", "away"].randomElement(using: &generator) ?? nil
    }

    private mutating func aim() -> SessionAim {
        let session = sessions.randomElement(using: &generator)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: return .everything(of: .subject(Array("alice".utf8)))
        case 1: return .everything(of: .client(Array("never".utf8)))
        case 2 where Int.random(in: 0..<8, using: &generator) == 0: return .everything(of: .all)
        default: return .session(session ?? SessionID(high: 0, low: 0))
        }
    }
}

extension StoreFixture {
    func forEachRecord(_ body: (SessionRecord) -> Void) {
        store.forEachRecord(body)
    }
}

extension SessionStore {
    func forEachRecord(_ body: (SessionRecord) -> Void) {
        for number in 0..<shardCount {
            copyShard(number).forEach(body)
        }
    }

    /// All records by id.
    var records: [SessionID: SessionRecord] {
        var records: [SessionID: SessionRecord] = [:]
        forEachRecord { records[$0.state.id] = $0 }
        return records
    }
}
