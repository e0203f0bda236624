/// Where the fields of a HELLO request lie in its body. Decoding allocates nothing.
package struct HelloRequestFields: Hashable, Sendable {
    /// The lowest version the client speaks.
    package let lowestVersion: UInt16
    /// The highest version the client speaks.
    package let highestVersion: UInt16
    /// The client software's name, for logs.
    package let clientName: Range<Int>
    /// 32 fresh random bytes.
    package let clientNonce: Range<Int>

    /// Decodes the body of a HELLO request.
    ///
    /// - Throws: FIELD_CONFLICT if the lowest version is above the highest. Whatever is thrown, the answer to it is
    ///   HELLO_INVALID with the same field.
    package init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        _ = try reader.required(Fields.magic, in: body)
        lowestVersion = try reader.required(Fields.lowestVersion, in: body)
        highestVersion = try reader.required(Fields.highestVersion, in: body)
        clientName = try reader.required(Fields.clientName, in: body)
        clientNonce = try reader.required(Fields.clientNonce, in: body)
        try reader.finish(in: body)
        guard lowestVersion <= highestVersion else { throw Fields.lowestVersion.conflict }
    }
}

/// Begins a connection: who speaks, and which versions.
public struct HelloRequest: WireRequest {
    /// What answers it, if no error does.
    public typealias Response = HelloResponse

    /// HELLO.
    public static var kind: Kind { .hello }

    /// The lowest version the client speaks.
    public var lowestVersion: UInt16
    /// The highest version the client speaks.
    public var highestVersion: UInt16
    /// The client software's name, for logs.
    public var clientName: String
    /// 32 fresh random bytes.
    public var clientNonce: [UInt8]

    /// Makes a HELLO request.
    public init(
        lowestVersion: UInt16,
        highestVersion: UInt16,
        clientName: String,
        clientNonce: [UInt8]
    ) {
        self.lowestVersion = lowestVersion
        self.highestVersion = highestVersion
        self.clientName = clientName
        self.clientNonce = clientNonce
    }

    /// Decodes the body of a HELLO request.
    public init(decoding body: RawSpan) throws(WireError) {
        let fields = try HelloRequestFields(decoding: body)
        lowestVersion = fields.lowestVersion
        highestVersion = fields.highestVersion
        clientName = body.string(fields.clientName)
        clientNonce = body.array(fields.clientNonce)
    }

    /// Appends the frame of a HELLO request.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(request: .hello, requestID: requestID)
        writer.write(Fields.magic, ())
        writer.write(Fields.lowestVersion, lowestVersion)
        writer.write(Fields.highestVersion, highestVersion)
        writer.write(Fields.clientName, clientName)
        writer.write(Fields.clientNonce, clientNonce)
        try writer.end()
    }
}
