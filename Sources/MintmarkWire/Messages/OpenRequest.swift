/// Where the fields of an OPEN request lie in its body. Decoding allocates nothing.
package struct OpenRequestFields: Hashable, Sendable {
    /// The caller's own claims: one JSON object.
    package let claims: Range<Int>?
    /// The `sub` claim.
    package let subject: Range<Int>
    /// The `aud` claim, 1 to 16 items.
    package let audience: ItemList
    /// The `scope` claim.
    package let scope: Range<Int>?
    /// How long access tokens shall live; the policy's TTL when absent.
    package let accessTokenTTLSeconds: UInt32?
    /// Fingerprint of the caller's context.
    package let context: Range<Int>?
    /// 16 random bytes that make the request repeatable for a minute.
    package let attemptID: Range<Int>?

    /// Decodes the body of an OPEN request.
    package init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        claims = try reader.optional(Fields.customClaims, in: body)
        subject = try reader.required(Fields.subject, in: body)
        audience = try reader.required(Fields.audience, in: body)
        scope = try reader.optional(Fields.scope, in: body)
        accessTokenTTLSeconds = try reader.optional(Fields.accessTokenTTL, in: body)
        context = try reader.optional(Fields.context, in: body)
        attemptID = try reader.optional(Fields.attemptID, in: body)
        try reader.finish(in: body)
    }
}

/// Starts a session.
public struct OpenRequest: WireRequest {
    /// What answers it, if no error does.
    public typealias Response = OpenResponse

    /// OPEN.
    public static var kind: Kind { .open }

    /// The caller's own claims: one JSON object.
    public var claims: [UInt8]?
    /// The `sub` claim.
    public var subject: String
    /// The `aud` claim, 1 to 16 items.
    public var audience: [String]
    /// The `scope` claim.
    public var scope: String?
    /// How long access tokens shall live; the policy's TTL when absent.
    public var accessTokenTTLSeconds: UInt32?
    /// Fingerprint of the caller's context.
    public var context: [UInt8]?
    /// 16 random bytes that make the request repeatable for a minute.
    public var attemptID: [UInt8]?

    /// Makes an OPEN request. What is nil is left out of the frame.
    public init(
        claims: [UInt8]? = nil,
        subject: String,
        audience: [String],
        scope: String? = nil,
        accessTokenTTLSeconds: UInt32? = nil,
        context: [UInt8]? = nil,
        attemptID: [UInt8]? = nil
    ) {
        self.claims = claims
        self.subject = subject
        self.audience = audience
        self.scope = scope
        self.accessTokenTTLSeconds = accessTokenTTLSeconds
        self.context = context
        self.attemptID = attemptID
    }

    /// Decodes the body of an OPEN request.
    public init(decoding body: RawSpan) throws(WireError) {
        let fields = try OpenRequestFields(decoding: body)
        claims = fields.claims.map { body.array($0) }
        subject = body.string(fields.subject)
        audience = body.strings(fields.audience)
        scope = fields.scope.map { body.string($0) }
        accessTokenTTLSeconds = fields.accessTokenTTLSeconds
        context = fields.context.map { body.array($0) }
        attemptID = fields.attemptID.map { body.array($0) }
    }

    /// Appends the frame of an OPEN request.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(request: .open, requestID: requestID)
        writer.write(Fields.customClaims, claims)
        writer.write(Fields.subject, subject)
        writer.write(Fields.audience, audience)
        writer.write(Fields.scope, scope)
        writer.write(Fields.accessTokenTTL, accessTokenTTLSeconds)
        writer.write(Fields.context, context)
        writer.write(Fields.attemptID, attemptID)
        try writer.end()
    }
}
