import MintmarkSessions
import MintmarkWire
import NIOCore
import NIOPosix
import Testing

@testable import MintmarkServer

/// Answers that tell of a change wait for the journal, and nothing else does.
@Suite(.serialized) struct ParkingTests {
    private func withHeldServer(
        _ change: (inout TestServer.Options) -> Void = { _ in },
        _ body: @escaping @Sendable (TestServer) throws -> Void
    ) async throws {
        try await withServer {
            $0.isJournalHeld = true
            change(&$0)
        } _: {
            try body($0)
        }
    }

    /// A session whose opening is durable.
    private func openSession(_ server: TestServer, _ client: RawClient) throws -> MintmarkWire.SessionGrant {
        let count = server.journal.appendedCount
        try client.send(frame(MintmarkWire.OpenRequest.test(), id: 500))
        #expect(server.journal.awaitAppends(count + 1))
        server.journal.release()
        return try client.read().decoded(as: OpenResponse.self).grant
    }

    @Test(arguments: [1, 2, 5])
    func requestBeyondTheInFlightLimitIsNotRead(limit: Int) async throws {
        try await withHeldServer {
            $0.inFlightMax = limit
        } _: { server in
            let client = try server.connect()
            let opens = (1...UInt32(limit) + 1).flatMap { frame(MintmarkWire.OpenRequest.test(), id: $0) }
            try client.send(opens + frame(ping, id: 100))
            #expect(server.journal.awaitAppends(limit))
            try server.settle()
            #expect(server.journal.appendedCount == limit)
            #expect(try client.readArrived().isEmpty)
            server.journal.release()
            #expect(try client.read(limit).map(\.id) == Array(1...UInt32(limit)))
            #expect(server.journal.awaitAppends(limit + 1))
            server.journal.release()
            #expect(Set(try client.read(2).map(\.id)) == [UInt32(limit) + 1, 100])
        }
    }

    @Test func answersThatTellOfNoChangeOvertake() async throws {
        try await withHeldServer { server in
            let client = try server.connect()
            let token = try client.call(SignRequest.test()).accessToken
            let verify = VerifyRequest(accessToken: token, expectedAudience: .any)
            try client.send(frame(MintmarkWire.OpenRequest.test(), id: 1) + frame(verify, id: 2) + frame(ping, id: 3))
            #expect(try client.read(2).map(\.id) == [2, 3])
            server.journal.release()
            #expect(try client.read().id == 1)
        }
    }

    @Test func answersLeaveInTheOrderOfTheJournalAndOnlyWhenDurable() async throws {
        try await withHeldServer { server in
            let client = try server.connect()
            try client.send((1...4).flatMap { frame(MintmarkWire.OpenRequest.test("user-\($0)"), id: $0) })
            #expect(server.journal.awaitAppends(4))
            server.journal.release(through: LogSequenceNumber(2))
            #expect(try client.read(2).map(\.id) == [1, 2])
            try server.settle()
            #expect(try client.readArrived().isEmpty)
            server.journal.release()
            #expect(try client.read(2).map(\.id) == [3, 4])
        }
    }

    @Test func statementsAboutASessionWaitForItsOpening() async throws {
        try await withHeldServer { server in
            let client = try server.connect()
            let grant = try openSession(server, client)
            try client.send(frame(MintmarkWire.RefreshRequest(refreshToken: grant.refreshToken), id: 1))
            #expect(server.journal.awaitAppends(2))
            let live = VerifyRequest(
                accessToken: grant.accessToken,
                expectedAudience: .any,
                omitsClaims: true,
                requiresLiveSession: true
            )
            let plain = VerifyRequest(accessToken: grant.accessToken, expectedAudience: .any, omitsClaims: true)
            let introspect = IntrospectRequest(refreshToken: grant.refreshToken)
            try client.send(frame(introspect, id: 2) + frame(live, id: 3) + frame(plain, id: 4))
            #expect(try client.read().id == 4)
            server.journal.release()
            let answers = try client.read(3)
            #expect(answers.map(\.id) == [1, 2, 3])
            #expect(try answers[1].decoded(as: IntrospectResponse.self).isActive)
            #expect(try answers[2].decoded(as: VerifyResponse.self).isActive)
        }
    }

    @Test func failedJournalRefusesWhatWaitsAndWhatChanges() async throws {
        try await withHeldServer { server in
            let client = try server.connect()
            let grant = try openSession(server, client)
            try client.send(frame(MintmarkWire.RefreshRequest(refreshToken: grant.refreshToken), id: 1))
            #expect(server.journal.awaitAppends(2))
            server.journal.fail()
            let parked = try client.read()
            #expect(parked.id == 1)
            #expect(parked.status == .storage)
            for request in [
                frame(MintmarkWire.OpenRequest.test(), id: 2), frame(RevokeRequest(.subject("other")), id: 2),
            ] {
                try client.send(request)
                #expect(try client.read().status == .storage)
            }
            // What would have to wait for the lost records is refused as well, and nothing hangs.
            let live = VerifyRequest(accessToken: grant.accessToken, expectedAudience: .any, requiresLiveSession: true)
            try client.send(frame(live, id: 3) + frame(IntrospectRequest(refreshToken: grant.refreshToken), id: 4))
            #expect(try client.read(2).map(\.status) == [.storage, .storage])
            // What needs no journal goes on.
            let token = try client.call(SignRequest.test()).accessToken
            #expect(try client.call(VerifyRequest(accessToken: token, expectedAudience: .any)).isActive)
        }
    }

    @Test func revocationHoldsInMemoryAtOnceThoughTheJournalFails() async throws {
        try await withHeldServer { server in
            let client = try server.connect()
            let grant = try openSession(server, client)
            let verify = VerifyRequest(accessToken: grant.accessToken, expectedAudience: .any)
            #expect(try client.call(verify).isActive)
            server.journal.fail()
            try client.send(frame(RevokeRequest(.sessionID(grant.sessionID)), id: 9))
            #expect(try client.read().status == .storage)
            let verdict = try client.call(verify)
            #expect(!verdict.isActive)
            #expect(verdict.reason == StatusCode(.tokenRevoked))
        }
    }

    @Test func revocationIsAnsweredWhenItIsDurableAndHoldsBefore() async throws {
        try await withHeldServer { server in
            let client = try server.connect()
            let grant = try openSession(server, client)
            try client.send(frame(RevokeRequest(.subject("user-1")), id: 9))
            #expect(server.journal.awaitAppends(2))
            let verdict = try client.call(VerifyRequest(accessToken: grant.accessToken, expectedAudience: .any))
            #expect(verdict.reason == StatusCode(.tokenRevoked))
            server.journal.release()
            #expect(try client.read().id == 9)
        }
    }

    /// A release that finds its connection reset must not count its answers twice.
    @Test func connectionThatBreaksUnderItsRelease() async throws {
        try await withHeldServer { server in
            let client = try server.connect()
            try client.send((1...3).flatMap { frame(MintmarkWire.OpenRequest.test(), id: $0) })
            #expect(server.journal.awaitAppends(3))
            try server.settle()
            // Both happen in one turn of the loop, before it looks at its sockets.
            let reset = UncheckedReset(client: client)
            try server.sockets.loops[0].submit {
                reset.client.reset()
                server.journal.release()
                server.workers.worker(of: server.sockets.loops[0]).releaseParked()
            }.wait()
            let other = try server.connect()
            _ = try other.call(ping)
            try server.awaitConnections(1)
        }
    }

    /// The client is used by the event loop only while the test waits for it.
    private struct UncheckedReset: @unchecked Sendable {
        let client: RawClient
    }
}
