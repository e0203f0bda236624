import MintmarkEngine
import MintmarkTestSupport
import MintmarkTokens
import MintmarkWire
import Testing

/// An announcement fetches memory and does nothing else, whatever is announced.
@Suite struct AnnouncementTests {
    private func frame(_ request: some WireRequest) throws -> [UInt8] {
        var writer = FrameWriter()
        try request.encode(requestID: EngineFixture.requestID, into: &writer)
        return writer.bytes
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func answersAreThoseOfAnExecutorThatWasToldNothing(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = try EngineFixture(cacheBytes: 1 << 20)
        let grants = try (0..<40).map { try fixture.open("user-\($0)") }
        fixture.release()
        let frames = try grants.flatMap { grant in
            [
                try frame(VerifyRequest(accessToken: grant.accessToken, expectedAudience: .any)),
                try frame(IntrospectRequest(refreshToken: grant.refreshToken)),
                try frame(PingRequest()),
            ]
        }
        let unannounced = try frames.map { try fixture.perform(frame: $0).frame }
        for (index, frame) in frames.enumerated() {
            // What is really next, anything else, and what is broken in any place.
            var next = frames.randomElement(using: &generator) ?? []
            if Int.random(in: 0..<3, using: &generator) == 0 {
                next[Int.random(in: 4..<next.count, using: &generator)] ^= UInt8.random(in: 1...255, using: &generator)
            }
            fixture.announce(frame: next)
            #expect(try fixture.perform(frame: frame).frame == unannounced[index])
        }
    }

    @Test func announcementsChangeAndCountNothing() throws {
        let fixture = try EngineFixture(cacheBytes: 1 << 20)
        let grant = try fixture.open()
        fixture.release()
        let counts = fixture.engine.statistics.read()
        let cache = try #require(fixture.engine.tokens.now.cache)
        let cached = cache.counters
        let unknown = Array("mmrt_".utf8) + [UInt8](repeating: 0x41, count: 62)
        for token in [grant.refreshToken, unknown, Array(unknown.dropLast()), unknown + [0x41], []] {
            fixture.announce(frame: try frame(RefreshRequest(refreshToken: token)))
        }
        for token in [grant.accessToken, Array("a.b.c".utf8), [0x41], []] {
            fixture.announce(frame: try frame(VerifyRequest(accessToken: token, expectedAudience: .any)))
        }
        fixture.announce(frame: [])
        #expect(cache.counters == cached)
        #expect(fixture.engine.statistics.read().map(\.value) == counts.map(\.value))
        let rotated = try fixture.call(RefreshRequest(refreshToken: grant.refreshToken))
        #expect(rotated.grant.refreshToken != grant.refreshToken)
    }

    @Test func announcementsNeedNeitherCacheNorSessions() throws {
        let fixture = try EngineFixture()
        fixture.announce(frame: try frame(VerifyRequest(accessToken: [0x41], expectedAudience: .any)))
        fixture.announce(
            frame: try frame(RefreshRequest(refreshToken: Array("mmrt_".utf8) + [UInt8](repeating: 0x41, count: 62)))
        )
        fixture.announce(frame: [])
        #expect(try fixture.perform(PingRequest()).error == nil)
    }
}
