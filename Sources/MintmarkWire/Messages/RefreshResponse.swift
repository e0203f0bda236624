/// Where the fields of a REFRESH answer lie in its body. Decoding allocates nothing.
package struct RefreshResponseFields: Hashable, Sendable {
    /// The tokens, and when they expire.
    package let grant: SessionGrantFields
    /// What happened to the refresh token.
    package let refreshOutcome: RefreshOutcome
    /// How many rotations led to the refresh token.
    package let generation: UInt32

    /// Decodes the body of a REFRESH answer.
    package init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        grant = try SessionGrantFields(from: &reader, in: body)
        refreshOutcome = try reader.required(Fields.refreshOutcome, in: body)
        generation = try reader.required(Fields.generation, in: body)
        try reader.finish(in: body)
    }
}

/// The tokens of a refreshed session.
public struct RefreshResponse: WireResponse {
    /// The tokens, and when they expire.
    public var grant: SessionGrant
    /// What happened to the refresh token.
    public var refreshOutcome: RefreshOutcome
    /// How many rotations led to the refresh token.
    public var generation: UInt32

    /// Makes a REFRESH answer.
    public init(grant: SessionGrant, refreshOutcome: RefreshOutcome, generation: UInt32) {
        self.grant = grant
        self.refreshOutcome = refreshOutcome
        self.generation = generation
    }

    /// Decodes the body of a REFRESH answer.
    public init(decoding body: RawSpan) throws(WireError) {
        let fields = try RefreshResponseFields(decoding: body)
        grant = SessionGrant(fields.grant, of: body)
        refreshOutcome = fields.refreshOutcome
        generation = fields.generation
    }

    /// Appends the frame of a REFRESH answer.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        try RefreshResponse.write(
            requestID: requestID,
            accessToken: unsafe grant.accessToken.span.bytes,
            refreshToken: unsafe grant.refreshToken.span.bytes,
            sessionID: unsafe grant.sessionID.span.bytes,
            times: grant.times,
            refreshOutcome: refreshOutcome,
            generation: generation,
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
        refreshOutcome: RefreshOutcome,
        generation: UInt32,
        into writer: inout FrameWriter
    ) throws(WireError) {
        let bodyCount =
            FrameWriter.grantCount(accessToken: accessToken, refreshToken: refreshToken, sessionID: sessionID)
            + FrameWriter.count(of: Fields.refreshOutcome) + FrameWriter.count(of: Fields.generation)
        try writer.append(response: .refresh, requestID: requestID, bodyCount: bodyCount) { output in
            output.appendGrant(accessToken: accessToken, refreshToken: refreshToken, sessionID: sessionID, times: times)
            output.append(Fields.refreshOutcome, refreshOutcome)
            output.append(Fields.generation, generation)
        }
    }
}
