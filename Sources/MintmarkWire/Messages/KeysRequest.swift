/// Asks for the public keys.
public struct KeysRequest: WireRequest {
    /// What answers it, if no error does.
    public typealias Response = KeysResponse

    /// KEYS.
    public static var kind: Kind { .keys }

    /// Makes a KEYS request.
    public init() {}

    /// Decodes the body of a KEYS request.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        try reader.finish(in: body)
    }

    /// Appends the frame of a KEYS request.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(request: .keys, requestID: requestID)
        try writer.end()
    }
}
