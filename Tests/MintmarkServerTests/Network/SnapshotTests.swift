import MintmarkEngine
import MintmarkWire
import NIOCore
import NIOPosix
import Testing

@testable import MintmarkServer

/// The answer to SNAPSHOT waits for its snapshot, and nothing else does.
@Suite(.serialized) struct SnapshotTests {
    private let snapshot = SnapshotRequest()
    private let open = OpenRequest.test()

    private func withSnapshots(
        _ change: (inout TestServer.Options) -> Void = { _ in },
        _ body: @escaping @Sendable (TestServer, HeldSnapshots) throws -> Void
    ) async throws {
        let snapshots = HeldSnapshots()
        try await withServer {
            $0.snapshots = snapshots
            change(&$0)
        } _: {
            try body($0, snapshots)
        }
    }

    // MARK: Parking and release

    @Test func answerComesWhenTheSnapshotIsPublishedAndHoldsNothingBack() async throws {
        try await withSnapshots { server, snapshots in
            let client = try server.connect()
            try client.send(frame(snapshot, id: 1) + frame(ping, id: 2) + frame(open, id: 3))
            #expect(try client.read(2).map(\.id) == [2, 3])
            try client.send(frame(ping, id: 4))
            #expect(try client.read().id == 4)
            #expect(snapshots.requestedCount == 1)
            snapshots.publish()
            let answer = try client.read()
            #expect(answer.id == 1)
            #expect(try answer.decoded(as: SnapshotResponse.self).serverTime > 0)
            #expect(server.count("requests_snapshot") == 1)
        }
    }

    @Test func eachAnswerWaitsForItsOwnSnapshot() async throws {
        try await withSnapshots { server, snapshots in
            let client = try server.connect()
            try client.send((1...4).flatMap { frame(snapshot, id: $0) })
            #expect(snapshots.awaitRequests(4))
            snapshots.publish(through: 2)
            #expect(try client.read(2).map(\.id) == [1, 2])
            try server.settle()
            #expect(try client.readArrived().isEmpty)
            snapshots.settle(published: 3, settled: 4)
            let answers = try client.read(2)
            #expect(answers.map(\.id) == [3, 4])
            #expect(answers.map(\.status) == [nil, .storage])
            #expect(server.count("status_storage") == 1)
        }
    }

    @Test func failedSnapshotIsToldAndTheNextOneServes() async throws {
        try await withSnapshots { server, snapshots in
            let client = try server.connect()
            try client.send(frame(snapshot, id: 1))
            #expect(snapshots.awaitRequests(1))
            snapshots.fail()
            let answer = try client.read()
            #expect(answer.id == 1)
            #expect(answer.status == .storage)
            try client.send(frame(snapshot, id: 2))
            #expect(snapshots.awaitRequests(2))
            snapshots.publish()
            #expect(try client.read().status == nil)
        }
    }

    @Test(arguments: [(.published, nil), (.failed, .storage)] as [(SnapshotProgress.Outcome, Status?)])
    func settledSnapshotIsAnsweredInTurn(outcome: SnapshotProgress.Outcome, status: Status?) async throws {
        let snapshots = HeldSnapshots(atOnce: outcome)
        try await withServer {
            $0.snapshots = snapshots
        } _: { server in
            let client = try server.connect()
            try client.send(frame(ping, id: 1) + frame(snapshot, id: 2) + frame(ping, id: 3))
            let answers = try client.read(3)
            #expect(answers.map(\.id) == [1, 2, 3])
            #expect(answers.map(\.status) == [nil, status, nil])
        }
    }

    @Test func everyEventLoopIsWoken() async throws {
        try await withSnapshots {
            $0.threads = 3
        } _: { server, snapshots in
            let clients = try (0..<9).map { _ in try server.connect() }
            for client in clients { try client.send(frame(snapshot, id: 1)) }
            #expect(snapshots.awaitRequests(clients.count))
            snapshots.publish()
            for client in clients { #expect(try client.read().status == nil) }
        }
    }

    @Test func serverWithoutFilesRefuses() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.send(frame(snapshot, id: 1) + frame(ping, id: 2))
            let answers = try client.read(2)
            #expect(answers.map(\.id) == [1, 2])
            #expect(answers.map(\.status) == [.notConfigured, nil])
        }
    }

    // MARK: Journal and snapshot

    @Test func failedJournalGivesNoSnapshotUp() async throws {
        try await withSnapshots {
            $0.isJournalHeld = true
        } _: { server, snapshots in
            let client = try server.connect()
            try client.send(frame(open, id: 1) + frame(snapshot, id: 2))
            #expect(snapshots.awaitRequests(1))
            server.journal.fail()
            let lost = try client.read()
            #expect(lost.id == 1)
            #expect(lost.status == .storage)
            try client.send(frame(snapshot, id: 3) + frame(ping, id: 4))
            #expect(try client.read().id == 4)
            snapshots.publish()
            let answers = try client.read(2)
            #expect(answers.map(\.id) == [2, 3])
            #expect(answers.map(\.status) == [nil, nil])
        }
    }

    @Test func failedSnapshotGivesNoChangeUp() async throws {
        try await withSnapshots {
            $0.isJournalHeld = true
        } _: { server, snapshots in
            let client = try server.connect()
            try client.send(frame(open, id: 1) + frame(snapshot, id: 2))
            #expect(snapshots.awaitRequests(1))
            snapshots.fail()
            #expect(try client.read().id == 2)
            try server.settle()
            #expect(try client.readArrived().isEmpty)
            server.journal.release()
            let answer = try client.read()
            #expect(answer.id == 1)
            #expect(answer.status == nil)
        }
    }

    /// Answers of both kinds take their places together.
    @Test(arguments: [2, 3, 5])
    func requestBeyondTheInFlightLimitIsNotRead(limit: Int) async throws {
        try await withSnapshots {
            $0.isJournalHeld = true
            $0.inFlightMax = limit
        } _: { server, snapshots in
            let client = try server.connect()
            let parked = frame(open, id: 1) + (2...UInt32(limit)).flatMap { frame(snapshot, id: $0) }
            try client.send(parked + frame(snapshot, id: 100) + frame(ping, id: 101))
            #expect(snapshots.awaitRequests(limit - 1))
            try server.settle()
            #expect(snapshots.requestedCount == limit - 1)
            #expect(try client.readArrived().isEmpty)
            snapshots.publish(through: 1)
            #expect(try client.read().id == 2)
            // One place is free: for the next SNAPSHOT, and not for the PING behind it.
            #expect(snapshots.awaitRequests(limit))
            try server.settle()
            #expect(try client.readArrived().isEmpty)
            server.journal.release()
            #expect(Set(try client.read(2).map(\.id)) == [1, 101])
            snapshots.publish()
            #expect(try client.read(limit - 1).map(\.id) == Array(3..<UInt32(limit + 1)) + [100])
        }
    }

    // MARK: Connections that end

    @Test func connectionThatIsGoneIsForgotten() async throws {
        try await withSnapshots { server, snapshots in
            let client = try server.connect()
            let other = try server.connect()
            try client.send(frame(snapshot, id: 1))
            #expect(snapshots.awaitRequests(1))
            client.reset()
            try server.awaitConnections(1)
            try other.send(frame(snapshot, id: 2))
            #expect(snapshots.awaitRequests(2))
            snapshots.publish()
            #expect(try other.read().id == 2)
            _ = try other.call(ping)
        }
    }

    /// A release that finds its connection reset must not count its answers twice.
    @Test(arguments: [SnapshotProgress.Outcome.published, .failed])
    func connectionThatBreaksUnderItsRelease(outcome: SnapshotProgress.Outcome) async throws {
        try await withSnapshots { server, snapshots in
            let client = try server.connect()
            try client.send((1...3).flatMap { frame(snapshot, id: $0) })
            #expect(snapshots.awaitRequests(3))
            try server.settle()
            // Both happen in one turn of the loop, before it looks at its sockets.
            let reset = UncheckedReset(client: client)
            try server.sockets.loops[0].submit {
                reset.client.reset()
                if outcome == .published { snapshots.publish() } else { snapshots.fail() }
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

    @Test func clientThatEndsItsSideStillGetsItsAnswer() async throws {
        try await withSnapshots { server, snapshots in
            let client = try server.connect()
            try client.send(frame(snapshot, id: 1))
            client.endInput()
            #expect(snapshots.awaitRequests(1))
            try server.settle()
            #expect(try client.readArrived().isEmpty)
            snapshots.publish()
            #expect(try client.readAll().map(\.id) == [1])
        }
    }

    @Test func stopWaitsForTheSnapshot() async throws {
        try await withSnapshots { server, snapshots in
            let client = try server.connect()
            try client.send(frame(snapshot, id: 1))
            #expect(snapshots.awaitRequests(1))
            // Nobody else can be asked whether it has begun: a server that stops takes no connection.
            let drained = server.startDraining(timeout: .seconds(3_600))
            #expect(try client.readArrived().isEmpty)
            snapshots.publish()
            let answers = try client.readAll()
            #expect(answers.map(\.id) == [1, 0])
            #expect(answers.map(\.status) == [nil, .shuttingDown])
            client.close()
            try drained.wait()
        }
    }

    @Test func hardDeadlineCutsWhatIsNotPublished() async throws {
        try await withSnapshots { server, snapshots in
            let client = try server.connect()
            try client.send(frame(snapshot, id: 1))
            #expect(snapshots.awaitRequests(1))
            try server.startDraining(timeout: .milliseconds(50)).wait()
            #expect(try client.readAllUntilBroken().isEmpty)
            try server.awaitConnections(0)
            snapshots.publish()
        }
    }
}
