import MintmarkWire
import Testing

/// One connection's flood does not hold up the others of its event loop.
@Suite(.serialized) struct FairnessTests {
    /// One read holds thousands of the cheapest requests, and the others wait for a burst of them at a time.
    @Test func pingIsAnsweredBeforeTheFloodBesideIt() async throws {
        try await withServer { server in
            let greedy = try server.connect()
            let honest = try server.connect()
            let count: UInt64 = 100_000
            let flood = (1...UInt32(count)).flatMap { frame(ping, id: $0) }
            try greedy.sendUnread(flood)
            // The least of all pings: this machine may let us wait, too.
            var servedMeanwhile = UInt64.max
            while server.count("requests_ping") < count / 2 {
                let before = server.count("requests_ping")
                _ = try honest.call(ping)
                servedMeanwhile = min(servedMeanwhile, server.count("requests_ping") - before)
                _ = try greedy.readArrived()
            }
            // A read of 64 KiB holds more than six thousand.
            #expect(servedMeanwhile < 3_000)
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
