/// Where the fields of a VERIFY request lie in its body. Decoding allocates nothing.
package struct VerifyRequestFields: Hashable, Sendable {
    /// The token to judge; any bytes are decoded.
    package let accessToken: Range<Int>
    /// The audience that must be among the token's; nil means any audience will do.
    package let expectedAudience: Range<Int>?
    /// Whether to answer without the token's claims.
    package let omitsClaims: Bool
    /// Whether the token's session must be known and alive.
    package let requiresLiveSession: Bool
    /// The clock difference to forgive; the server's setting when absent.
    package let leewaySeconds: UInt32?

    /// Decodes the body of a VERIFY request.
    ///
    /// - Throws: FIELD_CONFLICT if the request names an audience and accepts any, or neither. `any_audience` with the
    ///   value false counts as absent.
    package init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        accessToken = try reader.required(Fields.accessToken, in: body)
        expectedAudience = try reader.optional(Fields.expectedAudience, in: body)
        let acceptsAnyAudience = try reader.optional(Fields.anyAudience, in: body) ?? false
        omitsClaims = try reader.optional(Fields.omitClaims, in: body) ?? false
        requiresLiveSession = try reader.optional(Fields.requireLiveSession, in: body) ?? false
        leewaySeconds = try reader.optional(Fields.leeway, in: body)
        try reader.finish(in: body)
        guard acceptsAnyAudience == (expectedAudience == nil) else { throw Fields.expectedAudience.conflict }
    }

    /// Where the token lies in a body that is going to be decoded; nil where none can be seen. What is found may still be
    /// refused.
    package static func presumedToken(in body: RawSpan) -> Range<Int>? {
        var reader = FieldReader()
        return try? reader.optional(Fields.accessToken, in: body)
    }
}

/// Asks whether an access token may be used now.
public struct VerifyRequest: WireRequest {
    /// What answers it, if no error does.
    public typealias Response = VerifyResponse

    /// VERIFY.
    public static var kind: Kind { .verify }

    /// Which tokens are meant for the asker.
    public enum ExpectedAudience: Hashable, Sendable {
        /// All, whatever their audience.
        case any
        /// Those that have this one among their audiences.
        case named(String)
    }

    /// The token to judge.
    public var accessToken: [UInt8]
    /// Which audience the token must be for.
    public var expectedAudience: ExpectedAudience
    /// Whether to answer without the token's claims.
    public var omitsClaims: Bool
    /// Whether the token's session must be known and alive.
    public var requiresLiveSession: Bool
    /// The clock difference to forgive; the server's setting when absent.
    public var leewaySeconds: UInt32?

    /// Makes a VERIFY request. What is nil or false is left out of the frame.
    public init(
        accessToken: [UInt8],
        expectedAudience: ExpectedAudience,
        omitsClaims: Bool = false,
        requiresLiveSession: Bool = false,
        leewaySeconds: UInt32? = nil
    ) {
        self.accessToken = accessToken
        self.expectedAudience = expectedAudience
        self.omitsClaims = omitsClaims
        self.requiresLiveSession = requiresLiveSession
        self.leewaySeconds = leewaySeconds
    }

    /// Decodes the body of a VERIFY request.
    public init(decoding body: RawSpan) throws(WireError) {
        let fields = try VerifyRequestFields(decoding: body)
        accessToken = body.array(fields.accessToken)
        expectedAudience = fields.expectedAudience.map { .named(body.string($0)) } ?? .any
        omitsClaims = fields.omitsClaims
        requiresLiveSession = fields.requiresLiveSession
        leewaySeconds = fields.leewaySeconds
    }

    /// Appends the frame of a VERIFY request.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(request: .verify, requestID: requestID)
        writer.write(Fields.accessToken, accessToken)
        switch expectedAudience {
        case .any: writer.write(Fields.anyAudience, true)
        case .named(let audience): writer.write(Fields.expectedAudience, audience)
        }
        writer.write(Fields.omitClaims, omitsClaims ? true : nil)
        writer.write(Fields.requireLiveSession, requiresLiveSession ? true : nil)
        writer.write(Fields.leeway, leewaySeconds)
        try writer.end()
    }
}
