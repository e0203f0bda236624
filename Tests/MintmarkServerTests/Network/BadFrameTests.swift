import MintmarkWire
import Testing

/// Every frame that cannot be served gets the error the protocol names for it, and the connection ends or lives as the
/// status says.
@Suite(.serialized) struct BadFrameTests {
    private func expect(_ answer: Answer, _ vector: ErrorVector) {
        #expect(answer.status?.name == vector.status, "\(vector.name)")
        #expect(answer.error?.field == vector.field, "\(vector.name)")
        #expect(answer.id == vector.requestID, "\(vector.name)")
    }

    @Test func badFirstFramesCloseTheConnection() async throws {
        try await withServer { server in
            for vector in ErrorVector.hellos + ErrorVector.frames where vector.state == "awaiting_hello" {
                let client = try server.connect(greets: false)
                try client.send(vector.frame)
                let answers = try client.readAll()
                #expect(answers.count == 1, "\(vector.name)")
                expect(try #require(answers.first, "\(vector.name)"), vector)
            }
        }
    }

    @Test func refusedVersionsAreToldTheServersOwn() async throws {
        try await withServer { server in
            let client = try server.connect(greets: false)
            let hello = HelloRequest(
                lowestVersion: 2,
                highestVersion: 3,
                clientName: "raw",
                clientNonce: HelloRequest.nonce
            )
            try client.send(frame(hello, id: 5))
            let error = try client.read().error
            #expect(error?.lowestVersion == 1)
            #expect(error?.highestVersion == 1)
            #expect(try client.readAll().isEmpty)
        }
    }

    @Test func framesThatTheStateJudgesGetTheirError() async throws {
        try await withServer { server in
            for vector in ErrorVector.frames where vector.state == "serving" {
                let client = try server.connect()
                try client.send(vector.frame)
                expect(try client.read(), vector)
                if vector.closes {
                    #expect(try client.readAll().isEmpty, "\(vector.name)")
                } else {
                    _ = try client.call(ping)
                }
            }
        }
    }

    @Test func badRequestsGetTheirErrorAndTheConnectionLives() async throws {
        #expect(ErrorVector.requests.count > 300)
        try await withServer { server in
            let client = try server.connect()
            for vector in ErrorVector.requests {
                try client.send(vector.frame + frame(ping, id: 99))
                expect(try client.read(), vector)
                let pong = try client.read()
                #expect(pong.id == 99 && pong.error == nil, "\(vector.name)")
            }
        }
    }

    @Test(arguments: [0, 5, 65_537, 1 << 31, UInt32.max])
    func lengthOutOfBoundsIsJudgedFromItsFourBytes(length: UInt32) async throws {
        try await withServer { server in
            for greets in [true, false] {
                let client = try server.connect(greets: greets)
                try client.send(bigEndian(length))
                let answer = try client.read()
                #expect(answer.status == .frameLength)
                #expect(answer.id == 0)
                #expect(try client.readAll().isEmpty)
            }
        }
    }

    @Test(arguments: [-1, 0, 1])
    func frameLimitIsTheConfiguredOne(excess: Int) async throws {
        try await withServer {
            $0.frameLengthMax = 20_000
        } _: { server in
            let client = try server.connect()
            // A skippable field fills the frame up: tag, two or three bytes of length, value.
            let size = 20_000 - 6 - 4 + excess
            let length = [UInt8(size & 127 | 128), UInt8(size >> 7 & 127 | 128), UInt8(size >> 14)]
            try client.send(
                frame(kind: Kind.ping.requestByte, body: [0x80] + length + [UInt8](repeating: 0, count: size))
            )
            let answer = try client.read()
            #expect(answer.status == (excess > 0 ? .frameLength : nil))
        }
    }

    @Test func secondHelloClosesBehindTheAnswersBeforeIt() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.send(frame(ping, id: 2) + frame(HelloRequest.test, id: 3) + frame(ping, id: 4))
            let answers = try client.readAll()
            #expect(answers.map(\.id) == [2, 3])
            #expect(answers.last?.status == .helloRepeated)
        }
    }

    /// One small write arrives in one read on this machine, so that the breach is found.
    @Test func sixteenRequestsMayFollowHelloAndNotOneMore() async throws {
        try await withServer { server in
            for count in [16, 17] as [UInt32] {
                let client = try server.connect(greets: false)
                try client.send(frame(HelloRequest.test, id: 1) + (0..<count).flatMap { frame(ping, id: 2 + $0) })
                let answers = try client.read(17)
                #expect(answers.map(\.id) == Array(1...17))
                if count == 16 {
                    _ = try client.call(ping)
                } else {
                    #expect(try client.readAll().map(\.status) == [.pipelineTooEarly])
                }
            }
        }
    }

    @Test func pipeliningBehindARangeOfVersionsIsTooEarly() async throws {
        try await withServer { server in
            let client = try server.connect(greets: false)
            let hello = HelloRequest(
                lowestVersion: 1,
                highestVersion: 2,
                clientName: "raw",
                clientNonce: HelloRequest.nonce
            )
            try client.send(frame(hello, id: 1) + frame(ping, id: 2))
            let answers = try client.readAll()
            #expect(answers.map(\.status) == [.pipelineTooEarly])
            #expect(answers.map(\.id) == [0])
        }
    }
}
