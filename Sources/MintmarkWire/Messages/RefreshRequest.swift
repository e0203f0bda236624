/// Where the fields of a REFRESH request lie in its body. Decoding allocates nothing.
package struct RefreshRequestFields: Hashable, Sendable {
    /// The refresh token; any bytes are decoded.
    package let refreshToken: Range<Int>
    /// A part of the session's audience; all of it when absent.
    package let audience: ItemList?
    /// A part of the session's scope; all of it when absent.
    package let scope: Range<Int>?
    /// How long the access token shall live; the session's TTL when absent.
    package let accessTokenTTLSeconds: UInt32?
    /// Fingerprint of the caller's context.
    package let context: Range<Int>?

    /// Decodes the body of a REFRESH request.
    package init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        refreshToken = try reader.required(Fields.refreshToken, in: body)
        audience = try reader.optional(Fields.audience, in: body)
        scope = try reader.optional(Fields.scope, in: body)
        accessTokenTTLSeconds = try reader.optional(Fields.accessTokenTTL, in: body)
        context = try reader.optional(Fields.context, in: body)
        try reader.finish(in: body)
    }

    /// Where the token lies in a body that is going to be decoded; nil where none can be seen. What is found may still be
    /// refused.
    package static func presumedToken(in body: RawSpan) -> Range<Int>? {
        var reader = FieldReader()
        return try? reader.optional(Fields.refreshToken, in: body)
    }
}

/// Trades a refresh token for an access token, and perhaps for its successor.
public struct RefreshRequest: WireRequest {
    /// What answers it, if no error does.
    public typealias Response = RefreshResponse

    /// REFRESH.
    public static var kind: Kind { .refresh }

    /// The refresh token; any bytes are decoded.
    public var refreshToken: [UInt8]
    /// A part of the session's audience; all of it when absent.
    public var audience: [String]?
    /// A part of the session's scope; all of it when absent.
    public var scope: String?
    /// How long the access token shall live; the session's TTL when absent.
    public var accessTokenTTLSeconds: UInt32?
    /// Fingerprint of the caller's context.
    public var context: [UInt8]?

    /// Makes a REFRESH request. What is nil is left out of the frame.
    public init(
        refreshToken: [UInt8],
        audience: [String]? = nil,
        scope: String? = nil,
        accessTokenTTLSeconds: UInt32? = nil,
        context: [UInt8]? = nil
    ) {
        self.refreshToken = refreshToken
        self.audience = audience
        self.scope = scope
        self.accessTokenTTLSeconds = accessTokenTTLSeconds
        self.context = context
    }

    /// Decodes the body of a REFRESH request.
    public init(decoding body: RawSpan) throws(WireError) {
        let fields = try RefreshRequestFields(decoding: body)
        refreshToken = body.array(fields.refreshToken)
        audience = fields.audience.map { body.strings($0) }
        scope = fields.scope.map { body.string($0) }
        accessTokenTTLSeconds = fields.accessTokenTTLSeconds
        context = fields.context.map { body.array($0) }
    }

    /// Appends the frame of a REFRESH request.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(request: .refresh, requestID: requestID)
        writer.write(Fields.refreshToken, refreshToken)
        writer.write(Fields.audience, audience)
        writer.write(Fields.scope, scope)
        writer.write(Fields.accessTokenTTL, accessTokenTTLSeconds)
        writer.write(Fields.context, context)
        try writer.end()
    }
}
