import Foundation
import MintmarkClient
import MintmarkWire
import Testing

/// What survives SIGKILL: everything that was acknowledged (invariants 7, 8 and 16).
@Suite struct KillTests {
    private let directory: TemporaryHome

    init() throws {
        directory = try TemporaryHome()
    }

    private static let quickSnapshots = ["--snapshot-interval", "100ms"]

    private func start(_ arguments: [String] = []) throws -> DaemonProcess {
        try DaemonProcess(
            arguments: arguments,
            configuration: DaemonProcess.patientClient,
            directory: directory.path
        )
    }

    private func kill(_ daemon: DaemonProcess) {
        daemon.signal(SIGKILL)
        _ = daemon.exitCode()
    }

    @Test(arguments: [[], ["--durability", "interval:1h"], quickSnapshots])
    func acknowledgedRotationHolds(arguments: [String]) async throws {
        let first = try start(arguments)
        let (opened, rotated, newest) = try await first.withClient { client in
            let opened = try await client.openSession()
            let rotated = try await client.refresh(opened.refreshToken).tokens
            return (opened, rotated, try await client.refresh(rotated.refreshToken).tokens)
        }
        kill(first)
        let second = try start(arguments)
        try await second.withClient { client in
            let next = try await client.refresh(newest.refreshToken)
            #expect(next.outcome == .rotated)
            #expect(next.generation == 3)
            #expect(try await client.refusal(ofRefreshing: rotated.refreshToken) == .reused)
            #expect(try await client.refusal(ofRefreshing: next.tokens.refreshToken) == .revoked)
            #expect(try await client.refusal(ofRefreshing: opened.refreshToken) == .revoked)
        }
        kill(second)
        try await start(arguments).withClient { client in
            let refusal = try await client.refusal(ofRefreshing: newest.refreshToken)
            #expect(refusal == .revoked)
        }
    }

    @Test(arguments: ["always", "interval:1h", "snapshot"])
    func acknowledgedRevocationHoldsInEveryMode(mode: String) async throws {
        let first = try start(["--durability", mode])
        let tokens = try await first.withClient { client in
            let byToken = try await client.openSession("token")
            let bySession = try await client.openSession("session")
            let bySubject = try await client.openSession("subject")
            let byReuse = try await client.openSession("reuse")
            let rotated = try await client.refresh(byReuse.refreshToken).tokens
            let newest = try await client.refresh(rotated.refreshToken).tokens
            // In the mode 'snapshot' only what a snapshot holds is there after a kill.
            try await client.snapshot()
            try await client.revoke(.refreshToken(byToken.refreshToken))
            try await client.revoke(.session(bySession.sessionID))
            try await client.revoke(.subject("subject"))
            #expect(try await client.refusal(ofRefreshing: byReuse.refreshToken) == .reused)
            return [byToken, bySession, bySubject, newest]
        }
        kill(first)
        try await start(["--durability", mode]).withClient { client in
            for token in tokens {
                let refusal = try await client.refusal(ofRefreshing: token.refreshToken)
                #expect(refusal == .revoked)
                let accessRefusal = try await client.refusal(ofAccessToken: token.accessToken)
                #expect(accessRefusal == .tokenRevoked)
            }
        }
    }

    @Test func cutOffOfAllHolds() async throws {
        let first = try start()
        let token = try await first.withClient { client in
            let opened = try await client.openSession()
            try await client.revoke(.all)
            return opened
        }
        kill(first)
        try await start().withClient { client in
            let refusal = try await client.refusal(ofRefreshing: token.refreshToken)
            #expect(refusal == .revoked)
            let accessRefusal = try await client.refusal(ofAccessToken: token.accessToken)
            #expect(accessRefusal == .tokenRevoked)
            let later = try await client.openSession()
            #expect(try await client.refusal(ofAccessToken: later.accessToken) == nil)
        }
    }

    /// The answer never arrived, and the server was killed behind it: the same token again gives the same successor.
    @Test func retryAcrossAKillSucceeds() async throws {
        let first = try start()
        let token = try await first.withClient { try await $0.openSession().refreshToken }
        let connection = try RawConnection(unixPath: first.unixPath)
        try connection.send(RefreshRequest(refreshToken: Array(token.utf8)), id: 2)
        #expect(try connection.receive()?.header.responseKind == .refresh)
        kill(first)
        connection.close()
        try await start().withClient { client in
            let retry = try await client.refresh(token)
            #expect(retry.outcome == .sameSuccessor)
            #expect(retry.generation == 1)
            var newest = retry.tokens.refreshToken
            for generation in 2...4 as ClosedRange<UInt32> {
                let next = try await client.refresh(newest)
                #expect(next.generation == generation)
                newest = next.tokens.refreshToken
            }
        }
    }

    @Test func requestedSnapshotShortensTheNextStart() async throws {
        let first = try start()
        try await first.withClient { client in
            for number in 0..<50 {
                _ = try await client.openSession("user \(number)")
            }
            try await client.snapshot()
            _ = try await client.openSession("one more")
        }
        kill(first)
        let second = try start()
        #expect(second.waitForLog("sessions recovered"))
        #expect(second.logText.contains("from_snapshot=50 "), "\(second.logText)")
        #expect(second.logText.contains("sessions=51 "), "\(second.logText)")
    }

    /// A limit on the sessions of a subject counts those of earlier lives.
    @Test func capOnSessionsHoldsAcrossAKill() async throws {
        let yaml = "clients: {local: {sessions_per_subject: {max: 2, when_full: reject}}}\n"
        let first = try DaemonProcess(configuration: yaml, directory: directory.path)
        try await first.withClient { client in
            _ = try await client.openSession()
            _ = try await client.openSession()
        }
        kill(first)
        try await DaemonProcess(configuration: yaml, directory: directory.path).withClient { client in
            await #expect(throws: MintmarkError.self) { try await client.openSession() }
            _ = try await client.openSession("bob")
        }
    }
}
