import MintmarkWire
import Testing

@Suite struct FrameWriterTests {
    @Test func framesFollowOneAnother() throws {
        var writer = FrameWriter()
        try PingRequest().encode(requestID: 1, into: &writer)
        try VerifyResponse.writeActive(requestID: 2, into: &writer)
        writer.beginError(requestID: 0)
        try writer.end()
        let expected =
            rawFrame(kindByte: 0x03, requestID: 1, body: [])
            + rawFrame(kindByte: 0x85, requestID: 2, body: [0x1D, 1, 1])
            + rawFrame(kindByte: 0xFF, requestID: 0, body: [])
        #expect(writer.bytes == expected)
    }

    @Test func discardingRemovesTheOpenFrameOnly() throws {
        var writer = FrameWriter()
        try PingRequest().encode(requestID: 1, into: &writer)
        let before = writer.bytes
        writer.begin(response: .sign, requestID: 2)
        writer.discard()
        #expect(writer.bytes == before)
        try PingRequest().encode(requestID: 3, into: &writer)
        #expect(writer.bytes == before + rawFrame(kindByte: 0x03, requestID: 3, body: []))
    }

    @Test(arguments: [-1, 0, 1])
    func framesAboveTheLimitAreRefusedAndRemoved(excess: Int) throws {
        var writer = FrameWriter(lengthMax: 512)
        try PingRequest().encode(requestID: 1, into: &writer)
        let before = writer.bytes
        // Head 6, tag 1, length 2, value.
        let jwks = [UInt8](repeating: 0x20, count: 512 - 9 + excess)
        let response = KeysResponse(jwks: jwks)
        if excess > 0 {
            #expect(throws: WireError(.tokenTooLarge, found: 513)) {
                try response.encode(requestID: 2, into: &writer)
            }
            #expect(writer.bytes == before)
        } else {
            try response.encode(requestID: 2, into: &writer)
            #expect(writer.bytes.count == before.count + 4 + 512 + excess)
        }
        try PingRequest().encode(requestID: 3, into: &writer)
    }

    @Test func hugeValuesAreNotCopied() {
        var writer = FrameWriter()
        let keys = KeysResponse(jwks: [UInt8](repeating: 0x20, count: 5_000_000))
        #expect(throws: WireError.self) { try keys.encode(requestID: 1, into: &writer) }
        #expect(writer.bytes.capacity < 100_000)
    }

    @Test func itemsThatNoLengthCanHoldAreRefused() {
        var writer = FrameWriter(lengthMax: .max)
        let request = SignRequest(subject: "a", audience: [String(repeating: "a", count: 65_536)])
        #expect(throws: WireError.self) { try request.encode(requestID: 1, into: &writer) }
        #expect(writer.bytes.isEmpty)
    }

    @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, 1_000_000])
    func lengthsTakeTheirShortestForm(count: Int) throws {
        var writer = FrameWriter(lengthMax: Limits.frameLengthMaxCeiling)
        let value = [UInt8](repeating: 0x61, count: count)
        try IntrospectRequest(refreshToken: value).encode(requestID: 1, into: &writer)
        #expect(writer.bytes == rawFrame(kindByte: 0x09, body: rawField(0x11, value)))
    }

    @Test func bufferIsReused() throws {
        var writer = FrameWriter()
        let claims = [UInt8](repeating: 0x20, count: 300)
        try VerifyResponse.writeActive(requestID: 1, claims: claims.span.bytes, into: &writer)
        let capacity = writer.bytes.capacity
        for requestID in 2...1_000 as ClosedRange<UInt32> {
            writer.bytes.removeAll(keepingCapacity: true)
            try VerifyResponse.writeActive(requestID: requestID, claims: claims.span.bytes, into: &writer)
        }
        #expect(writer.bytes.capacity == capacity)
    }

    @Test(arguments: [0, 127, 128, 16_383, 16_384])
    func activeAnswersAreAsTheirMessageEncodesThem(count: Int) throws {
        let claims = [UInt8](repeating: 0x20, count: count)
        var (parts, message) = (FrameWriter(), FrameWriter())
        try VerifyResponse.writeActive(requestID: 7, claims: claims.span.bytes, into: &parts)
        try VerifyResponse(claims: claims, isActive: true).encode(requestID: 7, into: &message)
        try VerifyResponse.writeActive(requestID: 8, into: &parts)
        try VerifyResponse(isActive: true).encode(requestID: 8, into: &message)
        #expect(parts.bytes == message.bytes)
    }

    @Test(arguments: [(-1, true), (0, true), (1, false)])
    func activeAnswersAreBounded(difference: Int, isWritten: Bool) throws {
        // Behind the length: kind, flags, request id, then the head of the claims, and the field that says active.
        let claims = [UInt8](repeating: 0x20, count: 1_000 - 6 - 3 - 3 + difference)
        var writer = FrameWriter(lengthMax: 1_000)
        if isWritten {
            try VerifyResponse.writeActive(requestID: 1, claims: claims.span.bytes, into: &writer)
            #expect(writer.bytes.count == 1_004 + difference)
        } else {
            #expect(throws: WireError(.tokenTooLarge, found: 1_001)) {
                try VerifyResponse.writeActive(requestID: 1, claims: claims.span.bytes, into: &writer)
            }
            #expect(writer.bytes.isEmpty)
        }
        try VerifyResponse.writeActive(requestID: 2, into: &writer)
    }

    @Test func remainingSecondsStayInTheirRange() {
        #expect(GrantTimes.remainingSeconds(until: 100, from: 40) == 60)
        #expect(GrantTimes.remainingSeconds(until: 40, from: 100) == 0)
        #expect(GrantTimes.remainingSeconds(until: .max, from: 0) == .max)
        let times = GrantTimes(serverTime: 10, expiresAt: 15, refreshExpiresAt: 30, sessionExpiresAt: 9)
        #expect(times.expiresInSeconds == 5)
        #expect(times.refreshExpiresInSeconds == 20)
        #expect(times.sessionExpiresInSeconds == 0)
    }
}
