/// Lets a prepared key sign from now on.
public struct KeyActivateRequest: WireRequest {
    /// What answers it, if no error does.
    public typealias Response = KeyActivateResponse

    /// KEY_ACTIVATE.
    public static var kind: Kind { .keyActivate }

    /// The `kid` of the key.
    public var keyID: String
    /// Whether to do so also when the key was published too recently for everybody to know it.
    public var immediately: Bool

    /// Makes a KEY_ACTIVATE request.
    public init(keyID: String, immediately: Bool = false) {
        self.keyID = keyID
        self.immediately = immediately
    }

    /// Decodes the body of a KEY_ACTIVATE request.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        keyID = try reader.requiredCopy(Fields.keyID, in: body)
        immediately = try reader.optionalCopy(Fields.immediately, in: body) ?? false
        try reader.finish(in: body)
    }

    /// Appends the frame of a KEY_ACTIVATE request.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(request: .keyActivate, requestID: requestID)
        writer.write(Fields.keyID, keyID)
        if immediately {
            writer.write(Fields.immediately, true)
        }
        try writer.end()
    }
}
