import MintmarkTestSupport
import MintmarkWire
import Testing

/// Whatever bytes come, the server lives and serves the others.
@Suite(.serialized) struct MutationTests {
    private static func samples(_ server: TestServer) throws -> [[UInt8]] {
        let client = try server.connect()
        let grant = try client.call(OpenRequest.test()).grant
        let claims = Array(#"{"role":"admin","list":[1,2.5e3,"\u00e9",null,true]}"#.utf8)
        return [
            frame(ping),
            frame(SignRequest(claims: claims, subject: "user-1", audience: ["api", "files"], scope: "a b")),
            frame(VerifyRequest(accessToken: grant.accessToken, expectedAudience: .named("api"), leewaySeconds: 5)),
            frame(OpenRequest(claims: claims, subject: "user-2", audience: ["api"], context: [1, 2, 3])),
            frame(RefreshRequest(refreshToken: grant.refreshToken, audience: ["api"])),
            frame(IntrospectRequest(refreshToken: grant.refreshToken)),
            frame(RevokeRequest(.subject("user-1"))),
            frame(ForceRotationRequest(.subject("user-1"))),
            frame(SnapshotRequest()),
            frame(KeysRequest()),
        ]
    }

    /// Bytes of the body are changed, the framing is not: each frame gets one answer.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func mutatedBodiesGetOneAnswerEach(seed: UInt64) async throws {
        try await withServer { server in
            var generator = SeededGenerator(seed: seed)
            let samples = try Self.samples(server)
            let client = try server.connect()
            let honest = try server.connect()
            for round in 0..<100 {
                let count = 100
                var bytes: [UInt8] = []
                for id in 1...UInt32(count) {
                    var sample = samples.randomElement(using: &generator) ?? frame(ping)
                    for _ in 0..<Int.random(in: 1...4, using: &generator) where sample.count > 10 {
                        sample[Int.random(in: 10..<sample.count, using: &generator)] = .random(
                            in: 0...255,
                            using: &generator
                        )
                    }
                    sample.replaceSubrange(6..<10, with: bigEndian(id))
                    bytes += sample
                }
                try client.send(bytes)
                #expect(try client.read(count).map(\.id) == Array(1...UInt32(count)), "round \(round)")
                _ = try honest.call(ping)
            }
        }
    }

    /// Any byte is changed, cut out or put in, the framing's too: the connection may end, the server may not.
    @Test(arguments: [4, 5] as [UInt64])
    func mutatedStreamsEndTheirOwnConnectionAtMost(seed: UInt64) async throws {
        try await withServer { server in
            var generator = SeededGenerator(seed: seed)
            let samples = try [frame(HelloRequest.test)] + Self.samples(server)
            let honest = try server.connect()
            for _ in 0..<400 {
                var bytes = samples[0]
                for _ in 0..<25 { bytes += samples.randomElement(using: &generator) ?? [] }
                for _ in 0..<Int.random(in: 1...20, using: &generator) {
                    let place = Int.random(in: 0..<bytes.count, using: &generator)
                    switch Int.random(in: 0..<3, using: &generator) {
                    case 0: bytes[place] = .random(in: 0...255, using: &generator)
                    case 1: bytes.remove(at: place)
                    default: bytes.insert(.random(in: 0...255, using: &generator), at: place)
                    }
                }
                let client = try server.connect(greets: false)
                try client.send(bytes)
                client.endInput()
                _ = try client.readAllUntilBroken()
                _ = try honest.call(ping)
            }
            honest.close()
            try server.awaitConnections(0)
        }
    }
}
