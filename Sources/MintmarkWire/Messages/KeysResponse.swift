/// The public keys.
public struct KeysResponse: WireResponse {
    /// A JWK Set (RFC 7517 section 5), as JSON.
    public var jwks: [UInt8]

    /// Makes a KEYS answer.
    public init(jwks: [UInt8]) {
        self.jwks = jwks
    }

    /// Decodes the body of a KEYS answer.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        jwks = try reader.requiredCopy(Fields.jwks, in: body)
        try reader.finish(in: body)
    }

    /// Appends the frame of a KEYS answer.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(response: .keys, requestID: requestID)
        writer.write(Fields.jwks, jwks)
        try writer.end()
    }
}
