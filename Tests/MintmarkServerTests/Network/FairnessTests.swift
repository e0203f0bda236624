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
            // The least of all pings: this machine may let us wait, too.
            var servedMeanwhile = UInt64.max
            while server.count("requests_sign") < count / 2 {
                let before = server.count("requests_sign")
                _ = try honest.call(ping)
                servedMeanwhile = min(servedMeanwhile, server.count("requests_sign") - before)
                _ = try greedy.readArrived()
            }
            // A read of 64 KiB holds some eight hundred.
            #expect(servedMeanwhile < 200)
        }
    }
}
