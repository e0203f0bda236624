import MintmarkTestSupport
import MintmarkWire
import Testing

/// Frames have nothing to do with packets: however a stream is cut, the answers are the same.
@Suite(.serialized) struct SplitTests {
    /// HELLO and five requests, one of them bad, whose answers do not depend on chance but in nonces and tokens.
    private func session(_ server: TestServer) throws -> (bytes: [UInt8], cuts: [Int]) {
        let signed = try server.connect().call(SignRequest.test())
        let frames = [
            frame(HelloRequest.test, id: 1),
            frame(ping, id: 2),
            frame(SignRequest.test(), id: 3),
            frame(VerifyRequest(accessToken: signed.accessToken, expectedAudience: .named("api")), id: 4),
            frame(kind: 0x7E, id: 5),
            frame(IntrospectRequest(refreshToken: [1, 2, 3]), id: 6),
        ]
        let bytes = frames.flatMap { $0 }
        return (bytes, Array(1..<bytes.count))
    }

    private func expectAnswers(_ client: RawClient, _ note: String) throws {
        let answers = try client.read(6)
        #expect(answers.map(\.id) == [1, 2, 3, 4, 5, 6], "\(note)")
        #expect(answers.map(\.status) == [nil, nil, nil, nil, .kindUnknown, nil], "\(note)")
        #expect(try answers[3].decoded(as: VerifyResponse.self).isActive, "\(note)")
    }

    @Test func everyByteOnItsOwn() async throws {
        try await withServer { server in
            let session = try session(server)
            let client = try server.connect(greets: false)
            for byte in session.bytes { try client.send([byte]) }
            try expectAnswers(client, "byte by byte")
        }
    }

    @Test func everyCut() async throws {
        try await withServer { server in
            let session = try session(server)
            for cut in session.cuts {
                let client = try server.connect(greets: false)
                try client.send(Array(session.bytes[..<cut]))
                try server.settle()
                try client.send(Array(session.bytes[cut...]))
                try expectAnswers(client, "cut at \(cut)")
            }
        }
    }

    @Test func sessionOverAUnixSocket() async throws {
        let directory = try TemporaryDirectory()
        try await withServer {
            $0.unixPath = directory.file("s")
        } _: { server in
            let session = try session(server)
            let client = try RawClient(unixPath: try #require(server.unixPath))
            try client.send(session.bytes)
            try expectAnswers(client, "Unix socket")
        }
    }

    /// Around the length of a burst, and far beyond it.
    @Test(arguments: [127, 128, 129, 255, 256, 257, 10_000])
    func pipelinedRequestsAreAllAnsweredInOrder(count: Int) async throws {
        try await withServer { server in
            let client = try server.connect()
            let token = try client.call(SignRequest.test()).accessToken
            let verify = VerifyRequest(accessToken: token, expectedAudience: .named("api"), omitsClaims: true)
            let ids = (1...UInt32(count)).map { $0 }
            try client.send(ids.flatMap { $0.isMultiple(of: 3) ? frame(ping, id: $0) : frame(verify, id: $0) })
            let answers = try client.read(count)
            #expect(answers.map(\.id) == ids)
            #expect(answers.allSatisfy { $0.error == nil })
        }
    }

    /// The output passes its high-water mark in each burst, and what stands behind the fault is never begun.
    @Test func largeAnswersAreAllSentBeforeTheFaultBehindThem() async throws {
        try await withServer { server in
            let client = try server.connect()
            let requests = (1...1_000).flatMap { frame(StatsRequest(), id: $0) }
            try client.send(
                requests + frame(ping, id: 0) + (1...50).flatMap { frame(OpenRequest.test(), id: 5_000 + $0) }
            )
            let answers = try client.readAll()
            #expect(answers.dropLast().map(\.id) == Array(1...1_000))
            #expect(answers.last?.status == .requestIDZero)
            #expect(server.sessionsCount == 0)
        }
    }
}

extension TestServer {
    /// Waits until the event loop has looked at its sockets after everything that was sent before this call.
    ///
    /// Meant for servers with one event loop: a round trip of another connection comes behind.
    func settle() throws {
        let client = try connect()
        _ = try client.call(ping)
    }
}
