/// Asks for the signing keys, and where they are in their lives.
public struct KeyListRequest: WireRequest {
    /// What answers it, if no error does.
    public typealias Response = KeyListResponse

    /// KEY_LIST.
    public static var kind: Kind { .keyList }

    /// Makes a KEY_LIST request.
    public init() {}

    /// Decodes the body of a KEY_LIST request.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        try reader.finish(in: body)
    }

    /// Appends the frame of a KEY_LIST request.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(request: .keyList, requestID: requestID)
        try writer.end()
    }
}
