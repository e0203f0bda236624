/// The answer to a request that failed, or with request id 0 the last word on a connection.
public struct ErrorResponse: WireResponse, Error {
    /// The lowest version the server speaks, where the versions are at fault.
    public var lowestVersion: UInt16?
    /// The highest version the server speaks, where the versions are at fault.
    public var highestVersion: UInt16?
    /// The server's clock, in seconds since 1970.
    public var serverTime: UInt64
    /// What went wrong.
    public var status: StatusCode
    /// The same for people. Never a token, a key or a claim. Encoding clips it to `Limits.messageLengthMax` bytes.
    public var message: String
    /// The tag of the field at fault.
    public var field: UInt8?
    /// How old the reused refresh token was.
    public var reuseClass: ReuseClass?
    /// The permission that refused.
    public var rule: String?
    /// Milliseconds to wait before the request is repeated.
    public var retryAfterMilliseconds: UInt32?

    /// Makes an error. What is nil is left out of the frame.
    public init(
        lowestVersion: UInt16? = nil,
        highestVersion: UInt16? = nil,
        serverTime: UInt64,
        status: StatusCode,
        message: String,
        field: UInt8? = nil,
        reuseClass: ReuseClass? = nil,
        rule: String? = nil,
        retryAfterMilliseconds: UInt32? = nil
    ) {
        self.lowestVersion = lowestVersion
        self.highestVersion = highestVersion
        self.serverTime = serverTime
        self.status = status
        self.message = message
        self.field = field
        self.reuseClass = reuseClass
        self.rule = rule
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    /// The answer to bytes that were no message.
    public init(_ error: WireError, serverTime: UInt64) {
        self.init(
            serverTime: serverTime,
            status: StatusCode(error.status),
            message: error.words,
            field: error.field
        )
    }

    /// Decodes the body of an error.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        lowestVersion = try reader.optionalCopy(Fields.lowestVersion, in: body)
        highestVersion = try reader.optionalCopy(Fields.highestVersion, in: body)
        serverTime = try reader.requiredCopy(Fields.serverTime, in: body)
        status = try reader.requiredCopy(Fields.status, in: body)
        message = try reader.requiredCopy(Fields.message, in: body)
        field = try reader.optionalCopy(Fields.field, in: body)
        reuseClass = try reader.optionalCopy(Fields.reuseClass, in: body)
        rule = try reader.optionalCopy(Fields.rule, in: body)
        retryAfterMilliseconds = try reader.optionalCopy(Fields.retryAfter, in: body)
        try reader.finish(in: body)
    }

    /// Appends the frame of an error.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.beginError(requestID: requestID)
        writer.write(Fields.lowestVersion, lowestVersion)
        writer.write(Fields.highestVersion, highestVersion)
        writer.write(Fields.serverTime, serverTime)
        writer.write(Fields.status, status)
        writer.write(Fields.message, clippedMessage)
        writer.write(Fields.field, field)
        writer.write(Fields.reuseClass, reuseClass)
        writer.write(Fields.rule, rule)
        writer.write(Fields.retryAfter, retryAfterMilliseconds)
        try writer.end()
    }
}

extension ErrorResponse {
    /// As many whole characters of the message as its field takes: an error must get through, however long its text.
    private var clippedMessage: String {
        var clipped = message
        while clipped.utf8.count > Limits.messageLengthMax {
            clipped.removeLast()
        }
        return clipped
    }
}
