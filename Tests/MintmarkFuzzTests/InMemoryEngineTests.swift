import MintmarkCrypto
import MintmarkInMemory
import MintmarkWire
import Testing

/// A server that fuzzing asks again and again, and that must not remember.
@Suite struct InMemoryEngineTests {
    private static let key = Ed25519SigningKey(random: RepeatableRandom())
    private static let openRequest = OpenRequest(
        subject: "user",
        audience: ["orders"],
        attemptID: [UInt8](repeating: 7, count: 16)
    )

    /// What leaves something behind.
    private static let traces: [any WireRequest] = [
        SignRequest(subject: "user", audience: ["orders"]),
        openRequest,
        RevokeRequest(.all),
        RevokeRequest(.subject("user")),
        ForceRotationRequest(.all),
    ]

    @Test(arguments: traces.indices)
    func afterAResetItAnswersAsOneThatIsNew(trace: Int) throws {
        let questions: [any WireRequest] = [
            SignRequest(subject: "user", audience: ["orders"]), Self.openRequest,
        ]
        for question in questions {
            var new = try InMemoryEngine(key: Self.key, cacheByteCount: 1 << 16)
            var used = try InMemoryEngine(key: Self.key, cacheByteCount: 1 << 16)
            let expected = new.answer(try Self.frame(question)) { Array($0) }
            let answer = used.answer(try Self.frame(Self.traces[trace])) { Array($0) }
            #expect(answer[FrameHeader.Layout.kind] != Kind.errorByte)
            used.reset()
            #expect(used.answer(try Self.frame(question)) { Array($0) } == expected)
        }
    }

    @Test func aResetForgetsRevocations() throws {
        var engine = try InMemoryEngine(key: Self.key, cacheByteCount: 1 << 16)
        let signed = engine.answer(try Self.frame(Self.traces[0])) { Array($0.dropFirst(FrameHeader.Layout.body)) }
        let token = try SignResponse(decoding: signed.span.bytes).accessToken
        let verify = try Self.frame(VerifyRequest(accessToken: token, expectedAudience: .any, omitsClaims: true))
        func isGood() throws -> Bool {
            let body = engine.answer(verify) { Array($0.dropFirst(FrameHeader.Layout.body)) }
            return try VerifyResponse(decoding: body.span.bytes).isActive
        }
        #expect(try isGood())
        engine.answer(try Self.frame(RevokeRequest(.all))) { _ in }
        #expect(try !isGood())
        engine.reset()
        #expect(try isGood())
    }

    private static func frame(_ request: some WireRequest) throws -> [UInt8] {
        var writer = FrameWriter()
        try request.encode(requestID: 1, into: &writer)
        return writer.bytes
    }
}
