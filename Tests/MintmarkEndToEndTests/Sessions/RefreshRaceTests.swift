import MintmarkClient
import MintmarkTestSupport
import MintmarkWire
import Synchronization
import Testing

/// What many callers at once may not break (invariants 1, 6 and 18), over real sockets.
@Suite struct RefreshRaceTests {
    @Test(arguments: [2, 8, 32])
    func parallelRefreshesRotateOnceAndShareTheSuccessor(callers: Int) async throws {
        let daemon = try DaemonProcess(configuration: DaemonProcess.patientClient)
        try await daemon.withClient(connections: min(callers, 8)) { client in
            var current = try await client.openSession().refreshToken
            for generation in 1...5 as ClosedRange<UInt32> {
                let answers = try await Self.refreshAtOnce(current, callers: callers, client)
                #expect(answers.count { $0.outcome == .rotated } == 1)
                #expect(answers.count { $0.outcome == .sameSuccessor } == callers - 1)
                #expect(answers.allSatisfy { $0.generation == generation })
                let successors = Set(answers.map(\.tokens.refreshToken))
                #expect(successors.count == 1 && !successors.contains(current))
                current = try #require(successors.first)
            }
            #expect(try await client.description(of: current)?.generation == 5)
        }
        #expect(try await daemon.counter("connections_opened") ?? 0 > 2)
    }

    private static func refreshAtOnce(
        _ token: String,
        callers: Int,
        _ client: MintmarkClient
    ) async throws -> [RefreshedSession] {
        try await withThrowingTaskGroup { group in
            for _ in 0..<callers {
                group.addTask { try await client.refresh(token) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// A forced rotation that meets refreshes of one token gives all of them one successor; then two refreshes leave the
    /// copies of that token behind.
    @Test(arguments: ["session", "subject", "client", "all"])
    func forcedRotationAmongRefreshesLeavesOneHolder(target: String) async throws {
        let policy = "rotation: never, access_token_ttl: 1h, grace: {window: 5m, uses: 1000}"
        let daemon = try DaemonProcess(configuration: "clients: {local: {\(policy)}}\n")
        try await daemon.withClient(connections: 8) { client in
            let session = try await client.openSession()
            let copied = session.refreshToken
            let answers = try await withThrowingTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask { try await Self.refreshUntilForced(copied, client) }
                }
                switch target {
                case "session": try await client.forceRotation(of: .session(session.sessionID))
                case "subject": try await client.forceRotation(of: .subject("alice"))
                case "client": try await client.forceRotation(of: .client(id: "local"))
                default: try await client.forceRotation(of: .all)
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0.outcome == .rotated } == 1)
            #expect(answers.count { $0.outcome == .sameSuccessor } == 7)
            #expect(Set(answers.map(\.tokens.refreshToken)).count == 1)
            var token = answers[0].tokens.refreshToken
            for outcome in [RefreshOutcome.rotated, .rotated, .unchanged] {
                let answer = try await client.refresh(token)
                #expect(answer.outcome == outcome)
                token = answer.tokens.refreshToken
            }
            #expect(try await client.refusal(ofRefreshing: copied) == .reused)
        }
    }

    /// The first answer with another refresh token.
    private static func refreshUntilForced(_ token: String, _ client: MintmarkClient) async throws -> RefreshedSession {
        while true {
            let answer = try await client.refresh(token)
            if answer.outcome != .unchanged { return answer }
            #expect(answer.tokens.refreshToken == token)
        }
    }

    /// How a session may be ended while others refresh it.
    enum Ending: CaseIterable {
        case token
        case session
        case subject
        case client
        case all

        func target(_ tokens: SessionTokens) -> RevocationTarget {
            switch self {
            case .token: .refreshToken(tokens.refreshToken)
            case .session: .session(tokens.sessionID)
            case .subject: .subject("alice")
            case .client: .client(id: "local")
            case .all: .all
            }
        }
    }

    @Test(arguments: Ending.allCases, [1, 2] as [UInt64])
    func noTokenOutlivesARevocationAmongRotations(ending: Ending, seed: UInt64) async throws {
        let daemon = try DaemonProcess(configuration: DaemonProcess.patientClient)
        try await daemon.withClient(connections: 5) { client in
            let opened = try await client.openSession()
            let seen = Seen(opened)
            try await withThrowingTaskGroup { group in
                for holder in 0..<4 as Range<UInt64> {
                    var generator = SeededGenerator(seed: seed << 8 | holder)
                    group.addTask {
                        var token = opened.refreshToken
                        while true {
                            for _ in 0..<Int.random(in: 0...3, using: &generator) { await Task.yield() }
                            do {
                                let answer = try await client.refresh(token)
                                token = answer.tokens.refreshToken
                                seen.add(answer.tokens)
                            } catch let error as MintmarkError {
                                // Holders overtake one another, and are then taken for thieves: that ends it too.
                                #expect([.revoked, .reused].contains(error.status?.status), "\(error)")
                                return
                            }
                        }
                    }
                }
                var generator = SeededGenerator(seed: seed)
                let rotations = Int.random(in: 2...20, using: &generator)
                group.addTask {
                    while seen.refreshTokens.count < rotations, try await client.introspectIsLive(opened) {
                        await Task.yield()
                    }
                    try await client.revoke(ending.target(opened))
                }
                try await group.waitForAll()
            }
            for token in seen.refreshTokens {
                #expect(try await client.refusal(ofIntrospecting: token) == .revoked)
                #expect(try await client.refusal(ofRefreshing: token) == .revoked)
            }
            for token in seen.accessTokens {
                #expect(try await client.refusal(ofAccessToken: token) == .tokenRevoked)
            }
        }
    }
}

/// Every token that any caller ever got. Safe to use from any thread.
private final class Seen: Sendable {
    private let tokens: Mutex<(refresh: Set<String>, access: Set<String>)>

    var refreshTokens: Set<String> { tokens.withLock { $0.refresh } }
    var accessTokens: Set<String> { tokens.withLock { $0.access } }

    init(_ first: SessionTokens) {
        tokens = Mutex(([first.refreshToken], [first.accessToken]))
    }

    func add(_ more: SessionTokens) {
        tokens.withLock { tokens in
            tokens.refresh.insert(more.refreshToken)
            tokens.access.insert(more.accessToken)
        }
    }
}

extension MintmarkClient {
    /// Whether the session was not revoked yet.
    fileprivate func introspectIsLive(_ session: SessionTokens) async throws -> Bool {
        try await refusal(ofAccessToken: session.accessToken) == nil
    }
}
