/// Refuses a key's tokens for good.
public struct KeyRevokeRequest: WireRequest {
    /// What answers it, if no error does.
    public typealias Response = KeyRevokeResponse

    /// KEY_REVOKE.
    public static var kind: Kind { .keyRevoke }

    /// The `kid` of the key.
    public var keyID: String

    /// Makes a KEY_REVOKE request.
    public init(keyID: String) {
        self.keyID = keyID
    }

    /// Decodes the body of a KEY_REVOKE request.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        keyID = try reader.requiredCopy(Fields.keyID, in: body)
        try reader.finish(in: body)
    }

    /// Appends the frame of a KEY_REVOKE request.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(request: .keyRevoke, requestID: requestID)
        writer.write(Fields.keyID, keyID)
        try writer.end()
    }
}
