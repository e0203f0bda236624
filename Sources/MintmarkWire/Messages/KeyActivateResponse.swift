/// The key signs.
public struct KeyActivateResponse: WireResponse {
    /// The server's clock, in seconds since 1970.
    public var serverTime: UInt64

    /// Makes a KEY_ACTIVATE answer.
    public init(serverTime: UInt64) {
        self.serverTime = serverTime
    }

    /// Decodes the body of a KEY_ACTIVATE answer.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        serverTime = try reader.requiredCopy(Fields.serverTime, in: body)
        try reader.finish(in: body)
    }

    /// Appends the frame of a KEY_ACTIVATE answer.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(response: .keyActivate, requestID: requestID)
        writer.write(Fields.serverTime, serverTime)
        try writer.end()
    }
}
