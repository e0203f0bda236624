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
    /// Writes the fields of a grant from its parts.
    mutating func writeGrant(accessToken: RawSpan, refreshToken: RawSpan, sessionID: RawSpan, times: GrantTimes) {
        write(Fields.serverTime, times.serverTime)
        write(Fields.accessToken, copying: accessToken)
        write(Fields.refreshToken, copying: refreshToken)
        write(Fields.expiresAt, times.expiresAt)
        write(Fields.expiresIn, times.expiresInSeconds)
        write(Fields.sessionID, copying: sessionID)
        write(Fields.refreshExpiresAt, times.refreshExpiresAt)
        write(Fields.refreshExpiresIn, times.refreshExpiresInSeconds)
        write(Fields.sessionExpiresAt, times.sessionExpiresAt)
        write(Fields.sessionExpiresIn, times.sessionExpiresInSeconds)
    }
}
