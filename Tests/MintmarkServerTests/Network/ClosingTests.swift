import MintmarkWire
import NIOCore
import Testing

@testable import MintmarkServer

/// The last word arrives, whatever the peer does meanwhile.
@Suite(.serialized) struct ClosingTests {
    @Test func closingErrorIsReadByAPeerThatGoesOnWriting() async throws {
        try await withServer {
            $0.timeouts.linger = .seconds(60)
        } _: { server in
            let client = try server.connect()
            try client.send(bigEndian(0))
            // Unread input would turn the close into a reset that destroys the error on its way.
            for _ in 0..<200 { try client.send([UInt8](repeating: 0xAA, count: 16_384)) }
            #expect(try client.readAll().map(\.status) == [.frameLength])
            client.close()
        }
    }

    @Test func connectionEndsWhenThePeerClosesAfterTheError() async throws {
        // A linger of a minute: only the peer's end of stream can end the connection in time.
        try await withServer {
            $0.timeouts.linger = .seconds(3_600)
        } _: { server in
            let client = try server.connect()
            try client.send(bigEndian(0))
            #expect(try client.readAll().map(\.status) == [.frameLength])
            client.close()
            try server.awaitConnections(0)
        }
    }

    @Test func lingeringEndsByItselfWhenThePeerStays() async throws {
        try await withServer {
            $0.timeouts.linger = .milliseconds(50)
        } _: { server in
            let client = try server.connect()
            try client.send(bigEndian(0))
            #expect(try client.readAll().map(\.status) == [.frameLength])
            try server.awaitConnections(0)
        }
    }

    @Test func peerThatEndsItsSideGetsAllAnswers() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.send((1...500).flatMap { frame(StatsRequest(), id: $0) } + [0, 0, 0])
            client.endInput()
            #expect(try client.readAll().map(\.id) == Array(1...500))
            try server.awaitConnections(0)
        }
    }

    /// The output passes its high-water mark many times before the end of the input is reached.
    @Test func peerThatEndsItsSideBehindLargeAnswersGetsThemAll() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.send(largeAnswersAndOpens(1_000) + [0, 0])
            client.endInput()
            #expect(try client.readAll().map(\.id) == Array(1...2_000))
            #expect(server.sessionsCount == 1_000)
            try server.awaitConnections(0)
        }
    }

    @Test func peerThatEndsItsSideGetsAnswersThatWaitForTheJournal() async throws {
        try await withServer {
            $0.isJournalHeld = true
        } _: { server in
            let client = try server.connect()
            try client.send(frame(OpenRequest.test(), id: 1) + frame(ping, id: 2))
            client.endInput()
            #expect(try client.read().id == 2)
            #expect(server.journal.awaitAppends(1))
            server.journal.release()
            let answers = try client.readAll()
            #expect(answers.map(\.id) == [1])
            #expect(answers.map(\.status) == [nil])
        }
    }

    @Test func faultWaitsForTheAnswersBeforeIt() async throws {
        try await withServer {
            $0.isJournalHeld = true
        } _: { server in
            let client = try server.connect()
            try client.send(frame(OpenRequest.test(), id: 1) + bigEndian(5))
            #expect(server.journal.awaitAppends(1))
            try server.settle()
            #expect(try client.readArrived().isEmpty)
            server.journal.release()
            let answers = try client.readAll()
            #expect(answers.map(\.id) == [1, 0])
            #expect(answers.map(\.status) == [nil, .frameLength])
        }
    }

    @Test func connectionThatSaysNothingAndEndsIsForgotten() async throws {
        try await withServer { server in
            try server.connect(greets: false).close()
            let client = try server.connect(greets: false)
            client.endInput()
            #expect(try client.readAll().isEmpty)
            try server.awaitConnections(0)
        }
    }
}
