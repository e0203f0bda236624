/// Does nothing and is answered.
public struct PingRequest: WireRequest {
    /// What answers it, if no error does.
    public typealias Response = PingResponse

    /// PING.
    public static var kind: Kind { .ping }

    /// Makes a PING request.
    public init() {}

    /// Decodes the body of a PING request.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        try reader.finish(in: body)
    }

    /// Appends the frame of a PING request.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(request: .ping, requestID: requestID)
        try writer.end()
    }
}
