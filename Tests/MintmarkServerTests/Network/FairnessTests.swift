import MintmarkWire
import Testing

/// One connection's flood does not hold up the others of its event loop, over real sockets. How much a burst takes, for
/// which the others wait, is tested where bursts are made.
@Suite(.serialized) struct FairnessTests {
    /// How often a flood is sent before the first ping is asked for in the middle of one: this machine may let us wait so
    /// long that all is over.
    private static let floodsMax = 20

    /// Sends `count` requests at once, and asks for pings beside them until half of them are answered.
    ///
    /// - Returns: How many of the flood were answered during the ping that waited for the least: this machine may let us
    ///   wait, too.
    private func leastServedDuringAPing(
        _ count: UInt64,
        of request: some WireRequest,
        countedAs counter: String,
        on server: TestServer
    ) throws -> UInt64 {
        let honest = try server.connect()
        let flood = (1...UInt32(count)).flatMap { frame(request, id: $0) }
        var least: UInt64?
        for _ in 0..<Self.floodsMax where least == nil {
            let greedy = try server.connect()
            let countBefore = server.count(counter)
            try greedy.sendUnread(flood)
            while server.count(counter) - countBefore < count / 2 {
                let before = server.count(counter)
                _ = try honest.call(ping)
                least = min(least ?? .max, server.count(counter) - before)
                _ = try greedy.readArrived()
            }
        }
        return try #require(least, "every flood was over before a ping was asked for")
    }

    @Test func pingIsAnsweredBeforeTheFloodBesideIt() async throws {
        try await withServer { server in
            let served = try leastServedDuringAPing(100_000, of: ping, countedAs: "requests_ping", on: server)
            #expect(served < 10_000)
        }
    }

    @Test func pingIsAnsweredAmongSignatures() async throws {
        try await withServer { server in
            let request = SignRequest.test()
            let served = try leastServedDuringAPing(4_000, of: request, countedAs: "requests_sign", on: server)
            #expect(served < 400)
        }
    }

    /// A token that is not good costs as much each time.
    @Test func pingIsAnsweredAmongForgedTokens() async throws {
        try await withServer { server in
            var token = try server.connect().call(SignRequest.test()).accessToken
            let place = try #require(token.lastIndex(of: UInt8(ascii: "."))) + 1
            token[place] = token[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let request = VerifyRequest(accessToken: token, expectedAudience: .any)
            let served = try leastServedDuringAPing(2_000, of: request, countedAs: "requests_verify", on: server)
            #expect(served < 200)
        }
    }
}
