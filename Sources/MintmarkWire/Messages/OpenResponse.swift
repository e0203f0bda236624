/// The tokens of a new session.
public struct OpenResponse: WireResponse {
    /// The tokens, and when they expire.
    public var grant: SessionGrant

    /// Makes an OPEN answer.
    public init(grant: SessionGrant) {
        self.grant = grant
    }

    /// Decodes the body of an OPEN answer.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        let fields = try SessionGrantFields(from: &reader, in: body)
        try reader.finish(in: body)
        grant = SessionGrant(fields, of: body)
    }

    /// Appends the frame of an OPEN answer.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        try OpenResponse.write(
            requestID: requestID,
            accessToken: unsafe grant.accessToken.span.bytes,
            refreshToken: unsafe grant.refreshToken.span.bytes,
            sessionID: unsafe grant.sessionID.span.bytes,
            times: grant.times,
            into: &writer
        )
    }

    /// Appends the answer from its parts. Allocates nothing but room in the writer.
    public static func write(
        requestID: UInt32,
        accessToken: RawSpan,
        refreshToken: RawSpan,
        sessionID: RawSpan,
        times: GrantTimes,
        into writer: inout FrameWriter
    ) throws(WireError) {
        let bodyCount =
            FrameWriter.grantCount(accessToken: accessToken, refreshToken: refreshToken, sessionID: sessionID)
        try writer.append(response: .open, requestID: requestID, bodyCount: bodyCount) { output in
            output.appendGrant(accessToken: accessToken, refreshToken: refreshToken, sessionID: sessionID, times: times)
        }
    }
}
