/// The key that was made.
public struct KeyPrepareResponse: WireResponse {
    /// The server's clock, in seconds since 1970.
    public var serverTime: UInt64
    /// The `kid` of the key.
    public var keyID: String
    /// From when on KEY_ACTIVATE takes it as it is, in seconds since 1970.
    public var usableAt: UInt64

    /// Makes a KEY_PREPARE answer.
    public init(serverTime: UInt64, keyID: String, usableAt: UInt64) {
        self.serverTime = serverTime
        self.keyID = keyID
        self.usableAt = usableAt
    }

    /// Decodes the body of a KEY_PREPARE answer.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        serverTime = try reader.requiredCopy(Fields.serverTime, in: body)
        keyID = try reader.requiredCopy(Fields.keyID, in: body)
        usableAt = try reader.requiredCopy(Fields.usableAt, in: body)
        try reader.finish(in: body)
    }

    /// Appends the frame of a KEY_PREPARE answer.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(response: .keyPrepare, requestID: requestID)
        writer.write(Fields.serverTime, serverTime)
        writer.write(Fields.keyID, keyID)
        writer.write(Fields.usableAt, usableAt)
        try writer.end()
    }
}
