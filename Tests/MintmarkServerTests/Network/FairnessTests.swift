import MintmarkWire
import Testing

/// One connection's flood does not hold up the others of its event loop.
@Suite(.serialized) struct FairnessTests {
    @Test func pingIsAnsweredBeforeTheFloodBesideIt() async throws {
        try await withServer { server in
            let greedy = try server.connect()
            let honest = try server.connect()
            let token = try greedy.call(SignRequest.test()).accessToken
            let verify = VerifyRequest(accessToken: token, expectedAudience: .any, omitsClaims: true)
            let before = server.count("requests_verify")
            try greedy.send((1...10_000).flatMap { frame(verify, id: $0) }, leaving: 1)
            _ = try honest.call(ping)
            #expect(server.count("requests_verify") - before < 10_000)
            try greedy.send([1])
            #expect(try greedy.read(10_000).count == 10_000)
        }
    }

    /// One read holds a thousand requests to sign, and the others wait for a burst of them at a time.
    @Test func nobodyWaitsForAWholeReadOfCostlyRequests() async throws {
        try await withServer { server in
            let greedy = try server.connect()
            let honest = try server.connect()
            let count: UInt64 = 4_000
            let flood = (1...UInt32(count)).flatMap { frame(SignRequest.test(), id: $0) }
            try greedy.sendUnread(flood)
            var pings = 0
            while server.count("requests_sign") < count / 2 {
                _ = try honest.call(ping)
                _ = try greedy.readArrived()
                pings += 1
            }
            // A read of 64 KiB each would be two turns for half of the requests.
            #expect(pings > 10)
        }
    }
}
