/// Where the fields of an INTROSPECT request lie in its body. Decoding allocates nothing.
package struct IntrospectRequestFields: Hashable, Sendable {
    /// The refresh token; any bytes are decoded.
    package let refreshToken: Range<Int>

    /// Decodes the body of an INTROSPECT request.
    package init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        refreshToken = try reader.required(Fields.refreshToken, in: body)
        try reader.finish(in: body)
    }
}

/// Looks at a refresh token without using it.
public struct IntrospectRequest: WireRequest {
    /// What answers it, if no error does.
    public typealias Response = IntrospectResponse

    /// INTROSPECT.
    public static var kind: Kind { .introspect }

    /// The refresh token; any bytes are decoded.
    public var refreshToken: [UInt8]

    /// Makes an INTROSPECT request.
    public init(
        refreshToken: [UInt8]
    ) {
        self.refreshToken = refreshToken
    }

    /// Decodes the body of an INTROSPECT request.
    public init(decoding body: RawSpan) throws(WireError) {
        let fields = try IntrospectRequestFields(decoding: body)
        refreshToken = body.array(fields.refreshToken)
    }

    /// Appends the frame of an INTROSPECT request.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(request: .introspect, requestID: requestID)
        writer.write(Fields.refreshToken, refreshToken)
        try writer.end()
    }
}
