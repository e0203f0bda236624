/// The key's tokens are refused.
public struct KeyRevokeResponse: WireResponse {
    /// The server's clock, in seconds since 1970.
    public var serverTime: UInt64
    /// The `kid` of the key that signs now.
    public var keyID: String

    /// Makes a KEY_REVOKE answer.
    public init(serverTime: UInt64, keyID: String) {
        self.serverTime = serverTime
        self.keyID = keyID
    }

    /// Decodes the body of a KEY_REVOKE answer.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        serverTime = try reader.requiredCopy(Fields.serverTime, in: body)
        keyID = try reader.requiredCopy(Fields.keyID, in: body)
        try reader.finish(in: body)
    }

    /// Appends the frame of a KEY_REVOKE answer.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(response: .keyRevoke, requestID: requestID)
        writer.write(Fields.serverTime, serverTime)
        writer.write(Fields.keyID, keyID)
        try writer.end()
    }
}
