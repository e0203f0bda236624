/// The signing keys.
public struct KeyListResponse: WireResponse {
    /// The server's clock, in seconds since 1970.
    public var serverTime: UInt64
    /// In the order in which they came; removed ones are not among them.
    public var signingKeys: [SigningKey]

    /// Makes a KEY_LIST answer.
    public init(serverTime: UInt64, signingKeys: [SigningKey]) {
        self.serverTime = serverTime
        self.signingKeys = signingKeys
    }

    /// Decodes the body of a KEY_LIST answer.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        serverTime = try reader.requiredCopy(Fields.serverTime, in: body)
        signingKeys = try reader.requiredCopy(Fields.signingKeys, in: body)
        try reader.finish(in: body)
    }

    /// Appends the frame of a KEY_LIST answer.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(response: .keyList, requestID: requestID)
        writer.write(Fields.serverTime, serverTime)
        writer.write(Fields.signingKeys, signingKeys)
        try writer.end()
    }
}
