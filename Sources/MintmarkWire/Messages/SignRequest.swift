/// Where the fields of a SIGN request lie in its body. Decoding allocates nothing.
package struct SignRequestFields: Hashable, Sendable {
    /// The caller's own claims: one JSON object.
    package let claims: Range<Int>?
    /// The `sub` claim.
    package let subject: Range<Int>
    /// The `aud` claim, 1 to 16 items.
    package let audience: ItemList
    /// The `scope` claim.
    package let scope: Range<Int>?
    /// How long the token shall live; the policy's TTL when absent.
    package let accessTokenTTLSeconds: UInt32?

    /// Decodes the body of a SIGN request.
    package init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        claims = try reader.optional(Fields.customClaims, in: body)
        subject = try reader.required(Fields.subject, in: body)
        audience = try reader.required(Fields.audience, in: body)
        scope = try reader.optional(Fields.scope, in: body)
        accessTokenTTLSeconds = try reader.optional(Fields.accessTokenTTL, in: body)
        try reader.finish(in: body)
    }
}

/// Asks for one access token.
public struct SignRequest: WireRequest {
    /// What answers it, if no error does.
    public typealias Response = SignResponse

    /// SIGN.
    public static var kind: Kind { .sign }

    /// The caller's own claims: one JSON object.
    public var claims: [UInt8]?
    /// The `sub` claim.
    public var subject: String
    /// The `aud` claim, 1 to 16 items.
    public var audience: [String]
    /// The `scope` claim.
    public var scope: String?
    /// How long the token shall live; the policy's TTL when absent.
    public var accessTokenTTLSeconds: UInt32?

    /// Makes a SIGN request. What is nil is left out of the frame.
    public init(
        claims: [UInt8]? = nil,
        subject: String,
        audience: [String],
        scope: String? = nil,
        accessTokenTTLSeconds: UInt32? = nil
    ) {
        self.claims = claims
        self.subject = subject
        self.audience = audience
        self.scope = scope
        self.accessTokenTTLSeconds = accessTokenTTLSeconds
    }

    /// Decodes the body of a SIGN request.
    public init(decoding body: RawSpan) throws(WireError) {
        let fields = try SignRequestFields(decoding: body)
        claims = fields.claims.map { body.array($0) }
        subject = body.string(fields.subject)
        audience = body.strings(fields.audience)
        scope = fields.scope.map { body.string($0) }
        accessTokenTTLSeconds = fields.accessTokenTTLSeconds
    }

    /// Appends the frame of a SIGN request.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(request: .sign, requestID: requestID)
        writer.write(Fields.customClaims, claims)
        writer.write(Fields.subject, subject)
        writer.write(Fields.audience, audience)
        writer.write(Fields.scope, scope)
        writer.write(Fields.accessTokenTTL, accessTokenTTLSeconds)
        try writer.end()
    }
}
