/// Where the fields of a SIGN answer lie in its body. Decoding allocates nothing.
package struct SignResponseFields: Hashable, Sendable {
    /// The server's clock, in seconds since 1970.
    package let serverTime: UInt64
    /// The JWT in compact serialization.
    package let accessToken: Range<Int>
    /// When it expires, in seconds since 1970.
    package let expiresAt: UInt64
    /// The same from `serverTime` on.
    package let expiresInSeconds: UInt32

    /// Decodes the body of a SIGN answer.
    package init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        serverTime = try reader.required(Fields.serverTime, in: body)
        accessToken = try reader.required(Fields.accessToken, in: body)
        expiresAt = try reader.required(Fields.expiresAt, in: body)
        expiresInSeconds = try reader.required(Fields.expiresIn, in: body)
        try reader.finish(in: body)
    }
}

/// One access token.
public struct SignResponse: WireResponse {
    /// The server's clock, in seconds since 1970.
    public var serverTime: UInt64
    /// The JWT in compact serialization.
    public var accessToken: [UInt8]
    /// When it expires, in seconds since 1970.
    public var expiresAt: UInt64
    /// The same from `serverTime` on.
    public var expiresInSeconds: UInt32

    /// Makes a SIGN answer.
    public init(serverTime: UInt64, accessToken: [UInt8], expiresAt: UInt64, expiresInSeconds: UInt32) {
        self.serverTime = serverTime
        self.accessToken = accessToken
        self.expiresAt = expiresAt
        self.expiresInSeconds = expiresInSeconds
    }

    /// Decodes the body of a SIGN answer.
    public init(decoding body: RawSpan) throws(WireError) {
        let fields = try SignResponseFields(decoding: body)
        serverTime = fields.serverTime
        accessToken = body.array(fields.accessToken)
        expiresAt = fields.expiresAt
        expiresInSeconds = fields.expiresInSeconds
    }

    /// Appends the frame of a SIGN answer.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        try SignResponse.write(
            requestID: requestID,
            serverTime: serverTime,
            accessToken: unsafe accessToken.span.bytes,
            expiresAt: expiresAt,
            expiresInSeconds: expiresInSeconds,
            into: &writer
        )
    }

    /// Appends the answer from its parts. Allocates nothing but room in the writer.
    public static func write(
        requestID: UInt32,
        serverTime: UInt64,
        accessToken: RawSpan,
        expiresAt: UInt64,
        expiresInSeconds: UInt32,
        into writer: inout FrameWriter
    ) throws(WireError) {
        let bodyCount =
            FrameWriter.count(of: Fields.serverTime) + FrameWriter.fieldCount(accessToken.byteCount)
            + FrameWriter.count(of: Fields.expiresAt) + FrameWriter.count(of: Fields.expiresIn)
        try writer.append(response: .sign, requestID: requestID, bodyCount: bodyCount) { output in
            output.append(Fields.serverTime, serverTime)
            output.append(Fields.accessToken, copying: accessToken)
            output.append(Fields.expiresAt, expiresAt)
            output.append(Fields.expiresIn, expiresInSeconds)
        }
    }
}
