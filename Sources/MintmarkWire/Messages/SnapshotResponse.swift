/// The snapshot asked for is durable.
public struct SnapshotResponse: WireResponse {
    /// The server's clock when it read the request, in seconds since 1970.
    public var serverTime: UInt64

    /// Makes a SNAPSHOT answer.
    public init(serverTime: UInt64) {
        self.serverTime = serverTime
    }

    /// Decodes the body of a SNAPSHOT answer.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        serverTime = try reader.requiredCopy(Fields.serverTime, in: body)
        try reader.finish(in: body)
    }

    /// Appends the frame of a SNAPSHOT answer.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(response: .snapshot, requestID: requestID)
        writer.write(Fields.serverTime, serverTime)
        try writer.end()
    }
}
