/// Takes up a signing key from a file of the server's.
public struct KeyImportRequest: WireRequest {
    /// What answers it, if no error does.
    public typealias Response = KeyImportResponse

    /// KEY_IMPORT.
    public static var kind: Kind { .keyImport }

    /// The name of a file in the server's key directory.
    public var keyFile: String

    /// Makes a KEY_IMPORT request.
    public init(keyFile: String) {
        self.keyFile = keyFile
    }

    /// Decodes the body of a KEY_IMPORT request.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        keyFile = try reader.requiredCopy(Fields.keyFile, in: body)
        try reader.finish(in: body)
    }

    /// Appends the frame of a KEY_IMPORT request.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(request: .keyImport, requestID: requestID)
        writer.write(Fields.keyFile, keyFile)
        try writer.end()
    }
}
