import Glibc
import MintmarkTestSupport
import MintmarkWire
import NIOCore
import Testing

@testable import MintmarkServer

/// A stop answers what was accepted, says so, and ends in time whatever peers do.
@Suite(.serialized) struct StopTests {
    @Test func everyPeerIsToldAndNothingAcceptedIsLost() async throws {
        try await withServer {
            $0.isJournalHeld = true
        } _: { server in
            let silent = try server.connect()
            let mute = try server.connect(greets: false)
            let half = try server.connect()
            try half.send([0, 0, 0])
            let parked = try server.connect()
            try parked.send(frame(OpenRequest.test(), id: 1))
            #expect(server.journal.awaitAppends(1))
            try server.awaitConnections(4)
            try server.settle()
            try server.awaitConnections(4)
            let drained = server.startDraining(timeout: .seconds(3_600))
            for client in [silent, mute, half] {
                let answers = try client.readAll()
                #expect(answers.map(\.status) == [.shuttingDown])
                #expect(answers.map(\.id) == [0])
                client.close()
            }
            #expect(try parked.readArrived().isEmpty)
            server.journal.release()
            let answers = try parked.readAll()
            #expect(answers.map(\.id) == [1, 0])
            #expect(answers.map(\.status) == [nil, .shuttingDown])
            parked.close()
            try drained.wait()
            // The place is given back one turn of the loop later.
            try server.awaitConnections(0)
        }
    }

    /// Answers that fill the socket again and again: what was answered was executed, and what was not was not begun.
    @Test(arguments: 0..<5)
    func stopAmongLargeAnswersExecutesNothingUnanswered(round: Int) async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.send(largeAnswersAndOpens(1_500))
            let drained = server.startDraining(timeout: .seconds(3_600))
            var answers = try client.readAll()
            client.close()
            try drained.wait()
            let last = answers.popLast()
            #expect(last?.status == .shuttingDown && last?.id == 0)
            #expect(answers.map(\.id) == Array(1..<UInt32(answers.count + 1)))
            #expect(answers.allSatisfy { $0.error == nil })
            #expect(server.sessionsCount == answers.count / 2)
        }
    }

    @Test func hardDeadlineCutsWhatIsNotDone() async throws {
        try await withServer {
            $0.isJournalHeld = true
        } _: { server in
            let parked = try server.connect()
            try parked.send(frame(OpenRequest.test(), id: 1))
            #expect(server.journal.awaitAppends(1))
            // The journal is never durable.
            let cut = try server.drain(timeout: .milliseconds(50)).wait()
            #expect(cut == CutConnections(count: 1, unansweredRequests: 1, unsentBytes: 0))
            #expect(try parked.readAllUntilBroken().isEmpty)
            try server.awaitConnections(0)
        }
    }

    /// Of all loops, and once, however often it is asked for.
    @Test func whatWasCutIsTold() async throws {
        try await withServer {
            $0.threads = 2
            $0.timeouts.linger = .seconds(60)
        } _: { server in
            let idle = try (0..<4).map { _ in try server.connect() }
            let greedy = try server.connect()
            let requests = (1...3_000).flatMap { frame(StatsRequest(), id: $0) }
            try greedy.sendUnread(requests)
            // More than the requests are: answers.
            try server.awaitTrue { server.memory.heldBytes > max(requests.count, SocketTransport.unsentBytesHigh) }
            let drained = server.drain(timeout: .seconds(3_600))
            for client in idle { #expect(try client.readAll().map(\.status) == [.shuttingDown]) }
            for _ in 0..<2 { try server.cut() }
            let cut = try drained.wait()
            #expect(cut.count == 5)
            #expect(cut.unansweredRequests == 0)
            #expect(cut.unsentBytes > SocketTransport.unsentBytesLow)
            withExtendedLifetime(greedy) {}
        }
    }

    @Test func peersThatKeepTheirSideOpenDoNotHoldTheStopUp() async throws {
        try await withServer {
            $0.timeouts.linger = .milliseconds(50)
        } _: { server in
            let clients = try (0..<20).map { _ in try server.connect() }
            try server.startDraining(timeout: .seconds(3_600)).wait()
            for client in clients { #expect(try client.readAll().map(\.status) == [.shuttingDown]) }
        }
    }

    @Test func stoppedServerAcceptsNobody() async throws {
        let directory = try TemporaryDirectory()
        let (path, kept) = (directory.file("s"), directory.file("kept"))
        try await withServer {
            $0.unixPath = path
        } _: { server in
            // Another name of the socket, which the stop does not remove: a port may be another test's by then.
            try #require(link(path, kept) == 0)
            try RawClient(unixPath: kept).greet()
            try server.startDraining(timeout: .seconds(3_600)).wait()
            #expect(throws: RawClient.Fault.self) { try RawClient(unixPath: kept) }
            #expect(server.count("connections_opened") == 1)
        }
    }
}
