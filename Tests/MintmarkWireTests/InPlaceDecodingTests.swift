import MintmarkWire
import Testing

/// What servers read without a copy.
@Suite struct InPlaceDecodingTests {
    @Test func audiencesAreReadWhereTheyLie() throws {
        let audience = ["api", "é", String(repeating: "x", count: 256)]
        var writer = FrameWriter()
        try SignRequest(subject: "alice", audience: audience).encode(requestID: 1, into: &writer)
        let body = Array(writer.bytes.dropFirst(FrameHeader.Layout.body))
        let fields = try SignRequestFields(decoding: body.span.bytes)
        #expect(fields.audience.count == 3)
        var cursor = fields.audience.makeCursor()
        var found: [String] = []
        while let item = cursor.next(in: body.span.bytes) {
            found.append(String(decoding: body[item], as: UTF8.self))
        }
        #expect(found == audience)
        #expect(cursor.next(in: body.span.bytes) == nil)
        #expect(String(decoding: body[fields.subject], as: UTF8.self) == "alice")
    }

    @Test func emptyTokensAreFieldsLikeOthers() throws {
        let body: [UInt8] = [0x10, 0, 0x16, 1, 1]
        let fields = try VerifyRequestFields(decoding: body.span.bytes)
        #expect(fields.accessToken.isEmpty)
        #expect(fields.expectedAudience == nil)
        #expect(!fields.omitsClaims)
        #expect(fields.leewaySeconds == nil)
    }

    @Test func rangesCountFromTheBody() throws {
        let body: [UInt8] = [0x10, 3, 0x61, 0x62, 0x63, 0x15, 1, 0x64, 0x1F, 1, 1, 0x20, 1, 1, 0x21, 4, 0, 0, 1, 44]
        let fields = try VerifyRequestFields(decoding: body.span.bytes)
        #expect(fields.accessToken == 2..<5)
        #expect(fields.expectedAudience == 7..<8)
        #expect(fields.omitsClaims)
        #expect(fields.requiresLiveSession)
        #expect(fields.leewaySeconds == 300)
    }

    @Test func tokensAreFoundBeforeTheRestIsRead() throws {
        let verify: [UInt8] = [0x10, 3, 0x61, 0x62, 0x63, 0xFF]
        #expect(VerifyRequestFields.presumedToken(in: verify.span.bytes) == 2..<5)
        #expect(RefreshRequestFields.presumedToken(in: verify.span.bytes) == nil)
        let refresh: [UInt8] = [0x11, 1, 0x61]
        #expect(RefreshRequestFields.presumedToken(in: refresh.span.bytes) == 2..<3)
        #expect(VerifyRequestFields.presumedToken(in: refresh.span.bytes) == nil)
        for broken in [[], [0x10], [0x10, 3, 0x61], [0x10, 0x80], [0x00, 1, 1], [0xFF, 0]] as [[UInt8]] {
            #expect(VerifyRequestFields.presumedToken(in: broken.span.bytes) == nil)
        }
    }

    @Test func answersAreReadWhereTheyLie() throws {
        let body: [UInt8] = [0x12, 2, 0x7B, 0x7D, 0x1D, 1, 1]
        let fields = try VerifyResponseFields(decoding: body.span.bytes)
        #expect(fields.claims == 2..<4)
        #expect(fields.isActive)
        #expect(fields.reason == nil)

        let grant = SessionGrant(
            accessToken: Array("a.b.c".utf8),
            refreshToken: Array("mmrt_x".utf8),
            sessionID: [UInt8](0..<16),
            times: GrantTimes(serverTime: 1, expiresAt: 2, refreshExpiresAt: 3, sessionExpiresAt: 4)
        )
        var writer = FrameWriter()
        try RefreshResponse(grant: grant, refreshOutcome: .rotated, generation: 7).encode(requestID: 1, into: &writer)
        let refreshed = Array(writer.bytes.dropFirst(FrameHeader.Layout.body))
        let refresh = try RefreshResponseFields(decoding: refreshed.span.bytes)
        #expect(Array(refreshed[refresh.grant.accessToken]) == grant.accessToken)
        #expect(Array(refreshed[refresh.grant.refreshToken]) == grant.refreshToken)
        #expect(Array(refreshed[refresh.grant.sessionID]) == grant.sessionID)
        #expect(refresh.grant.times == grant.times)
        #expect(refresh.generation == 7)
    }
}
