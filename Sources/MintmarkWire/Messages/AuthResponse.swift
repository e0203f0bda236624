/// The caller is who it says.
public struct AuthResponse: WireResponse {
    /// The server's clock, in seconds since 1970.
    public var serverTime: UInt64

    /// Makes an AUTH answer.
    public init(serverTime: UInt64) {
        self.serverTime = serverTime
    }

    /// Decodes the body of an AUTH answer.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        serverTime = try reader.requiredCopy(Fields.serverTime, in: body)
        try reader.finish(in: body)
    }

    /// Appends the frame of an AUTH answer.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(response: .auth, requestID: requestID)
        writer.write(Fields.serverTime, serverTime)
        try writer.end()
    }
}
