import MintmarkSessions
import MintmarkSessionsTestSupport
import MintmarkTestSupport
import Testing

/// Random walks over several sessions of a few subjects and clients: what happens to one session happens to no other
/// (invariant 5), access tokens live on until something was decreed for them (invariant 15), and no two tokens are alike
/// (invariant 17).
@Suite struct ManySessionsWalkTests {
    @Test(arguments: 0..<60 as Range<UInt64>)
    func everySessionGoesItsOwnWay(seed: UInt64) throws {
        var walk = ManySessionsWalk(seed: seed)
        for step in 0..<250 {
            try walk.step()
            if step % 10 == 0 { walk.checkAccessTokens() }
        }
        walk.checkAccessTokens()
        walk.checkRefreshTokens()
    }
}

/// One walk. Every session has a model of its own that knows nothing of the others.
private struct ManySessionsWalk {
    private struct Session {
        let id: SessionID
        let subject: String
        let caller: SessionCaller
        var model: SessionModel
        var tokens: [[UInt8]]
        var isRevoked = false
    }

    private struct AccessToken {
        let granted: Granted
        let session: Int
        /// A revocation by subject, client or all came after it.
        var isCutOff = false
    }

    private static let subjects = ["alice", "bob"]
    private static let clients = ["local", "web"]

    private let seed: UInt64
    private var generator: SeededGenerator
    private let fixture: StoreFixture
    private var sessions: [Session] = []
    private var accessTokens: [AccessToken] = []

    init(seed: UInt64) {
        self.seed = seed
        generator = SeededGenerator(seed: seed)
        fixture = StoreFixture(seed: seed)
    }

    private var time: SessionModel.Time {
        SessionModel.Time(milliseconds: fixture.clocks.serviceMilliseconds, seconds: fixture.clocks.storeSeconds)
    }

    mutating func step() throws {
        switch sessions.isEmpty ? 0 : Int.random(in: 0..<100, using: &generator) {
        case 0..<8: try open()
        case 8..<80: try refresh()
        case 80..<88: fixture.clocks.advance(milliseconds: UInt64.random(in: 1...6_000, using: &generator))
        case 88..<90: fixture.clocks.wallSeconds += 60
        case 90..<92: fixture.clocks.wallSeconds -= 60
        case 92..<95: revokeSession()
        default: cutOff()
        }
    }

    private mutating func open() throws {
        let subject = Self.subjects[Int.random(in: 0..<2, using: &generator)]
        let caller = SessionCaller.client(Self.clients[Int.random(in: 0..<2, using: &generator)])
        let granted = try #require(fixture.open(subject: subject, caller: caller).granted)
        accessTokens.append(AccessToken(granted: granted, session: sessions.count))
        let model = SessionModel(caller: caller, at: time)
        let session = Session(
            id: granted.sessionID,
            subject: subject,
            caller: caller,
            model: model,
            tokens: [granted.token]
        )
        sessions.append(session)
    }

    /// Mostly with a token that may still be good, now and then with an old one.
    private mutating func refresh() throws {
        let place = Int.random(in: sessions.indices, using: &generator)
        let tokens = sessions[place].tokens
        let age = [0, 0, 0, 0, 0, 1, 1, 2][Int.random(in: 0..<8, using: &generator)]
        let number = max(0, tokens.count - 1 - age)
        let caller = sessions[place].caller
        let expected = sessions[place].model.refresh(number, as: caller, at: time, isDurableAtOnce: true)
        let outcome = fixture.refresh(tokens[number], caller: caller)
        if case .rotated = expected {
            sessions[place].tokens.append(try #require(outcome.granted, "seed \(seed)").token)
        }
        switch expected {
        case .rotated(let next), .sameSuccessor(let next), .unchanged(let next):
            let granted = try #require(outcome.granted, "seed \(seed), session \(place), token \(number)")
            #expect(granted.token == sessions[place].tokens[next], "seed \(seed), session \(place)")
            accessTokens.append(AccessToken(granted: granted, session: place))
        case .refused(let refusal):
            #expect(outcome.refusal == refusal, "seed \(seed), session \(place), token \(number)")
            // Reuse revokes; a session that is cut off is refused without a revocation of its own.
            if refusal == .reused { sessions[place].isRevoked = true }
        }
    }

    private mutating func revokeSession() {
        let place = Int.random(in: sessions.indices, using: &generator)
        _ = fixture.revoke(.session(sessions[place].id))
        sessions[place].model.revoke()
        sessions[place].isRevoked = true
    }

    private mutating func cutOff() {
        let subject = Self.subjects[Int.random(in: 0..<2, using: &generator)]
        let client = Array(Self.clients[Int.random(in: 0..<2, using: &generator)].utf8)
        let way = Int.random(in: 0..<9, using: &generator)
        let target: SessionTarget = way < 6 ? .subject(Array(subject.utf8)) : way < 8 ? .client(client) : .all
        _ = fixture.revoke(.everything(of: target))
        func isHit(_ session: Session) -> Bool {
            way < 6 ? session.subject == subject : way < 8 ? session.caller.clientID == client : true
        }
        for place in sessions.indices where isHit(sessions[place]) {
            sessions[place].model.revoke()
        }
        for place in accessTokens.indices where isHit(sessions[accessTokens[place].session]) {
            accessTokens[place].isCutOff = true
        }
    }

    func checkAccessTokens() {
        for token in accessTokens {
            let session = sessions[token.session]
            let client = String(decoding: session.caller.clientID, as: UTF8.self)
            let isRejected = fixture.rejects(token.granted, client: client)
            #expect(isRejected == (session.isRevoked || token.isCutOff), "seed \(seed), session \(token.session)")
        }
    }

    func checkRefreshTokens() {
        let tokens = sessions.flatMap(\.tokens)
        #expect(Set(tokens).count == tokens.count, "seed \(seed)")
    }
}
