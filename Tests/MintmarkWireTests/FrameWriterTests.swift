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

    /// Around the lengths at which a length takes another byte.
    @Test(arguments: [Kind.sign, .open, .refresh], [0, 1, 127, 128, 16_383, 16_384])
    func answersWithATokenAreAsLongAsTheySay(kind: Kind, tokenByteCount: Int) throws {
        let token = [UInt8](repeating: 0x41, count: tokenByteCount)
        let sevenBits = [tokenByteCount, tokenByteCount >> 7, tokenByteCount >> 14].map { UInt8($0 & 127) }
        let lengthByteCount = tokenByteCount < 128 ? 1 : tokenByteCount < 16_384 ? 2 : 3
        let length = sevenBits.prefix(lengthByteCount - 1).map { $0 | 128 } + [sevenBits[lengthByteCount - 1]]
        var writer = FrameWriter(lengthMax: Limits.frameLengthMaxCeiling)
        try Self.write(kind, token, to: &writer)
        let bytes = writer.bytes
        let scan = FrameScanner(lengthMax: writer.lengthMax).scan(bytes.span.bytes, at: 0)
        guard case .frame(_, let body) = scan, body.upperBound == bytes.count else {
            Issue.record("\(scan) of \(bytes.count) bytes")
            return
        }
        // Behind the server's clock, which has eight bytes.
        let field = [Tag.accessToken.rawValue] + length + token
        #expect(Array(bytes[(body.lowerBound + 10)...].prefix(field.count)) == field)
    }

    /// One byte more than the reader takes, and nothing is written.
    @Test(arguments: [Kind.sign, .open, .refresh], [-1, 0, 1])
    func answersWithATokenAreBounded(kind: Kind, difference: Int) throws {
        let token = [UInt8](repeating: 0x41, count: 500)
        var whole = FrameWriter()
        try Self.write(kind, token, to: &whole)
        let length = whole.bytes.count - FrameHeader.Layout.lengthSize
        var writer = FrameWriter(lengthMax: length - difference)
        if difference <= 0 {
            try Self.write(kind, token, to: &writer)
            #expect(writer.bytes == whole.bytes)
        } else {
            #expect(throws: WireError(.tokenTooLarge, found: UInt64(length))) {
                try Self.write(kind, token, to: &writer)
            }
            #expect(writer.bytes.isEmpty)
        }
    }

    private static func write(_ kind: Kind, _ token: [UInt8], to writer: inout FrameWriter) throws(WireError) {
        let times = GrantTimes(serverTime: 1, expiresAt: 2, refreshExpiresAt: 3, sessionExpiresAt: 4)
        let grant = SessionGrant(accessToken: token, refreshToken: token, sessionID: Array(0..<16), times: times)
        switch kind {
        case .sign:
            let answer = SignResponse(serverTime: 1, accessToken: token, expiresAt: 2, expiresInSeconds: 1)
            try answer.encode(requestID: 1, into: &writer)
        case .open:
            try OpenResponse(grant: grant).encode(requestID: 1, into: &writer)
        default:
            let answer = RefreshResponse(grant: grant, refreshOutcome: .rotated, generation: 7)
            try answer.encode(requestID: 1, into: &writer)
        }
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
