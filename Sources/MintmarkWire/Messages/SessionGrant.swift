/// Where what OPEN and REFRESH answer alike lies in a body. Decoding allocates nothing.
package struct SessionGrantFields: Hashable, Sendable {
    /// The JWT in compact serialization.
    package let accessToken: Range<Int>
    /// The refresh token to use next.
    package let refreshToken: Range<Int>
    /// The session's 16 bytes.
    package let sessionID: Range<Int>
    /// When all of it expires.
    package let times: GrantTimes

    /// Reads the fields; the message finishes.
    init(from reader: inout FieldReader, in body: RawSpan) throws(WireError) {
        let serverTime = try reader.required(Fields.serverTime, in: body)
        accessToken = try reader.required(Fields.accessToken, in: body)
        refreshToken = try reader.required(Fields.refreshToken, in: body)
        let expiresAt = try reader.required(Fields.expiresAt, in: body)
        let expiresIn = try reader.required(Fields.expiresIn, in: body)
        sessionID = try reader.required(Fields.sessionID, in: body)
        times = GrantTimes(
            serverTime: serverTime,
            expiresAt: expiresAt,
            expiresInSeconds: expiresIn,
            refreshExpiresAt: try reader.required(Fields.refreshExpiresAt, in: body),
            refreshExpiresInSeconds: try reader.required(Fields.refreshExpiresIn, in: body),
            sessionExpiresAt: try reader.required(Fields.sessionExpiresAt, in: body),
            sessionExpiresInSeconds: try reader.required(Fields.sessionExpiresIn, in: body)
        )
    }
}

/// What OPEN and REFRESH answer alike: the tokens of a session.
public struct SessionGrant: Hashable, Sendable {
    /// The JWT in compact serialization.
    public var accessToken: [UInt8]
    /// The refresh token to use next.
    public var refreshToken: [UInt8]
    /// The session's 16 bytes.
    public var sessionID: [UInt8]
    /// When all of it expires.
    public var times: GrantTimes

    /// Makes a grant.
    public init(accessToken: [UInt8], refreshToken: [UInt8], sessionID: [UInt8], times: GrantTimes) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.sessionID = sessionID
        self.times = times
    }

    /// Copies what lies in a body.
    init(_ fields: SessionGrantFields, of body: RawSpan) {
        accessToken = body.array(fields.accessToken)
        refreshToken = body.array(fields.refreshToken)
        sessionID = body.array(fields.sessionID)
        times = fields.times
    }
}

extension FrameWriter {
    /// The size of a grant's fields.
    @inline(__always)
    static func grantCount(accessToken: RawSpan, refreshToken: RawSpan, sessionID: RawSpan) -> Int {
        count(of: Fields.serverTime) + fieldCount(accessToken.byteCount) + fieldCount(refreshToken.byteCount)
            + count(of: Fields.expiresAt) + count(of: Fields.expiresIn) + fieldCount(sessionID.byteCount)
            + count(of: Fields.refreshExpiresAt) + count(of: Fields.refreshExpiresIn)
            + count(of: Fields.sessionExpiresAt) + count(of: Fields.sessionExpiresIn)
    }
}

extension OutputSpan<UInt8> {
    /// Appends the fields of a grant from its parts, for which there must be room.
    @inline(__always)
    mutating func appendGrant(accessToken: RawSpan, refreshToken: RawSpan, sessionID: RawSpan, times: GrantTimes) {
        append(Fields.serverTime, times.serverTime)
        append(Fields.accessToken, copying: accessToken)
        append(Fields.refreshToken, copying: refreshToken)
        append(Fields.expiresAt, times.expiresAt)
        append(Fields.expiresIn, times.expiresInSeconds)
        append(Fields.sessionID, copying: sessionID)
        append(Fields.refreshExpiresAt, times.refreshExpiresAt)
        append(Fields.refreshExpiresIn, times.refreshExpiresInSeconds)
        append(Fields.sessionExpiresAt, times.sessionExpiresAt)
        append(Fields.sessionExpiresIn, times.sessionExpiresInSeconds)
    }
}
