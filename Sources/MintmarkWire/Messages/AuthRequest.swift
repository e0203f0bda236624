/// Where the fields of an AUTH request lie in its body. Decoding allocates nothing.
package struct AuthRequestFields: Hashable, Sendable {
    /// The Ed25519 signature over the transcript of the handshake, 64 bytes.
    package let signature: Range<Int>
    /// Who the caller says to be.
    package let clientID: Range<Int>

    /// Decodes the body of an AUTH request.
    package init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        signature = try reader.required(Fields.signature, in: body)
        clientID = try reader.required(Fields.clientID, in: body)
        try reader.finish(in: body)
    }
}

/// Proves who the caller is.
public struct AuthRequest: WireRequest {
    /// What answers it, if no error does.
    public typealias Response = AuthResponse

    /// AUTH.
    public static var kind: Kind { .auth }

    /// The Ed25519 signature over the transcript of the handshake, 64 bytes.
    public var signature: [UInt8]
    /// Who the caller says to be.
    public var clientID: String

    /// Makes an AUTH request.
    public init(
        signature: [UInt8],
        clientID: String
    ) {
        self.signature = signature
        self.clientID = clientID
    }

    /// Decodes the body of an AUTH request.
    public init(decoding body: RawSpan) throws(WireError) {
        let fields = try AuthRequestFields(decoding: body)
        signature = body.array(fields.signature)
        clientID = body.string(fields.clientID)
    }

    /// Appends the frame of an AUTH request.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(request: .auth, requestID: requestID)
        writer.write(Fields.signature, signature)
        writer.write(Fields.clientID, clientID)
        try writer.end()
    }
}
