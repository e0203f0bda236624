import Foundation
import MintmarkEngine
import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkServer

/// Users of the Unix socket, as the kernel tells them.
@Suite(.serialized) struct PeerUserTests {
    @Test func kernelTellsWhoConnects() async throws {
        let directory = try TemporaryDirectory()
        let callers = CallerDirectory([.userID(geteuid()): Caller.ordinary("self")])
        let path = "\(directory.path)/socket"
        try await withServer {
            $0.unixPath = path
            $0.callers = callers
        } _: { server in
            let client = try RawClient(unixPath: path)
            try client.send(frame(HelloRequest.test))
            #expect(try client.read().decoded(as: HelloResponse.self).authenticationRequired == false)
            try client.send(frame(ping, id: 2))
            #expect(try client.read().status == nil)
            // The same clients over TCP have to say who they are.
            let other = try server.connect(greets: false)
            try other.send(frame(HelloRequest.test))
            #expect(try other.read().decoded(as: HelloResponse.self).authenticationRequired)
        }
    }

    @Test func userOfNoClientIsTurnedAway() async throws {
        let directory = try TemporaryDirectory()
        let callers = CallerDirectory([.userID(geteuid() + 1): Caller.ordinary("other")])
        let path = "\(directory.path)/socket"
        try await withServer {
            $0.unixPath = path
            $0.callers = callers
        } _: { server in
            let client = try RawClient(unixPath: path)
            try client.send(frame(HelloRequest.test, id: 5) + frame(OpenRequest.test(), id: 6))
            let answers = try client.readAll()
            #expect(answers.map(\.status) == [.clientUnknown])
            #expect(answers.map(\.id) == [5])
            #expect(server.count("handshakes_user_unknown") == 1)
            #expect(server.sessionsCount == 0)
        }
    }
}
