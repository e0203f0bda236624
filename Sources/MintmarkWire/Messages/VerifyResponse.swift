/// Where the fields of a VERIFY answer lie in its body. Decoding allocates nothing.
package struct VerifyResponseFields: Hashable, Sendable {
    /// The token's claims as JSON, if it is active and they were not declined.
    package let claims: Range<Int>?
    /// Whether the token may be used now.
    package let isActive: Bool
    /// Why not.
    package let reason: StatusCode?

    /// Decodes the body of a VERIFY answer.
    package init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        claims = try reader.optional(Fields.claims, in: body)
        isActive = try reader.required(Fields.active, in: body)
        reason = try reader.optional(Fields.reason, in: body)
        try reader.finish(in: body)
    }
}

/// The verdict on an access token.
public struct VerifyResponse: WireResponse {
    /// The token's claims as JSON, if it is active and they were not declined.
    public var claims: [UInt8]?
    /// Whether the token may be used now.
    public var isActive: Bool
    /// Why not.
    public var reason: StatusCode?

    /// Makes a VERIFY answer.
    public init(claims: [UInt8]? = nil, isActive: Bool, reason: StatusCode? = nil) {
        self.claims = claims
        self.isActive = isActive
        self.reason = reason
    }

    /// Decodes the body of a VERIFY answer.
    public init(decoding body: RawSpan) throws(WireError) {
        let fields = try VerifyResponseFields(decoding: body)
        claims = fields.claims.map { body.array($0) }
        isActive = fields.isActive
        reason = fields.reason
    }

    /// Appends the frame of a VERIFY answer.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(response: .verify, requestID: requestID)
        writer.write(Fields.claims, claims)
        writer.write(Fields.active, isActive)
        writer.write(Fields.reason, reason)
        try writer.end()
    }
}

extension VerifyResponse {
    /// Appends the answer for an active token, with its claims. Allocates nothing but room in the writer.
    public static func writeActive(
        requestID: UInt32,
        claims: RawSpan,
        into writer: inout FrameWriter
    ) throws(WireError) {
        let bodyCount = FrameWriter.fieldCount(claims.byteCount) + FrameWriter.count(of: Fields.active)
        try writer.append(response: .verify, requestID: requestID, bodyCount: bodyCount) { output in
            output.append(Fields.claims, copying: claims)
            output.append(Fields.active, true)
        }
    }

    /// Appends the answer for an active token whose claims were declined. Allocates nothing but room in the writer.
    public static func writeActive(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        let bodyCount = FrameWriter.count(of: Fields.active)
        try writer.append(response: .verify, requestID: requestID, bodyCount: bodyCount) { output in
            output.append(Fields.active, true)
        }
    }

    /// Appends the answer for a token that may not be used. Allocates nothing but room in the writer.
    public static func writeInactive(
        requestID: UInt32,
        reason: Status,
        into writer: inout FrameWriter
    ) throws(WireError) {
        writer.begin(response: .verify, requestID: requestID)
        writer.write(Fields.active, false)
        writer.write(Fields.reason, StatusCode(reason))
        try writer.end()
    }
}
