/// Makes a signing key and publishes it.
public struct KeyPrepareRequest: WireRequest {
    /// What answers it, if no error does.
    public typealias Response = KeyPrepareResponse

    /// KEY_PREPARE.
    public static var kind: Kind { .keyPrepare }

    /// Makes a KEY_PREPARE request.
    public init() {}

    /// Decodes the body of a KEY_PREPARE request.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        try reader.finish(in: body)
    }

    /// Appends the frame of a KEY_PREPARE request.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(request: .keyPrepare, requestID: requestID)
        try writer.end()
    }
}
