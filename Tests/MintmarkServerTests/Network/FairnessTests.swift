import MintmarkWire
import Testing

/// One connection's flood does not hold up the others of its event loop, over real sockets. How much a burst takes, for
/// which the others wait, is tested where bursts are made.
@Suite(.serialized) struct FairnessTests {
    /// How many floods are sent until a ping was answered in time: this machine may let us wait, too.
    private static let floodsMax = 20

    /// Sends `count` requests at once, and asks for pings beside them until half of them are answered; and once more, until
    /// less than `limit` of them were answered during a ping.
    private func expectPings(
        amongFloodsOf count: UInt64,
        _ request: some WireRequest,
        countedAs counter: String,
        servedBelow limit: UInt64,
        on server: TestServer
    ) throws {
        let honest = try server.connect()
        let flood = (1...UInt32(count)).flatMap { frame(request, id: $0) }
        var least = UInt64.max
        for _ in 0..<Self.floodsMax where least >= limit {
            let greedy = try server.connect()
            let countBefore = server.count(counter)
            try greedy.sendUnread(flood)
            while server.count(counter) - countBefore < count / 2 {
                let before = server.count(counter)
                _ = try honest.call(ping)
                least = min(least, server.count(counter) - before)
                _ = try greedy.readArrived()
            }
        }
        #expect(least < limit)
    }

    @Test func pingIsAnsweredBeforeTheFloodBesideIt() async throws {
        try await withServer { server in
            try expectPings(
                amongFloodsOf: 100_000,
                ping,
                countedAs: "requests_ping",
                servedBelow: 3_000,
                on: server
            )
        }
    }

    @Test func pingIsAnsweredAmongSignatures() async throws {
        try await withServer { server in
            let request = SignRequest.test()
            try expectPings(
                amongFloodsOf: 4_000,
                request,
                countedAs: "requests_sign",
                servedBelow: 200,
                on: server
            )
        }
    }

    /// A token that is not good costs as much each time.
    @Test func pingIsAnsweredAmongForgedTokens() async throws {
        try await withServer { server in
            var token = try server.connect().call(SignRequest.test()).accessToken
            let place = try #require(token.lastIndex(of: UInt8(ascii: "."))) + 1
            token[place] = token[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let request = VerifyRequest(accessToken: token, expectedAudience: .any)
            try expectPings(
                amongFloodsOf: 1_000,
                request,
                countedAs: "requests_verify",
                servedBelow: 100,
                on: server
            )
        }
    }
}
