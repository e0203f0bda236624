/// What the server agrees to.
public struct HelloResponse: WireResponse {
    /// The version spoken from here on.
    public var version: UInt16
    /// The server software's name and version.
    public var serverBuild: String
    /// The server's clock, in seconds since 1970.
    public var serverTime: UInt64
    /// The greatest frame length on this connection, in bytes.
    public var frameLengthLimit: UInt32
    /// How many requests may be unanswered.
    public var inFlightLimit: UInt32
    /// 32 fresh random bytes.
    public var serverNonce: [UInt8]
    /// Whether AUTH must come next.
    public var authenticationRequired: Bool

    /// Makes a HELLO answer.
    public init(
        version: UInt16,
        serverBuild: String,
        serverTime: UInt64,
        frameLengthLimit: UInt32,
        inFlightLimit: UInt32,
        serverNonce: [UInt8],
        authenticationRequired: Bool
    ) {
        self.version = version
        self.serverBuild = serverBuild
        self.serverTime = serverTime
        self.frameLengthLimit = frameLengthLimit
        self.inFlightLimit = inFlightLimit
        self.serverNonce = serverNonce
        self.authenticationRequired = authenticationRequired
    }

    /// Decodes the body of a HELLO answer.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        version = try reader.requiredCopy(Fields.version, in: body)
        serverBuild = try reader.requiredCopy(Fields.serverBuild, in: body)
        serverTime = try reader.requiredCopy(Fields.serverTime, in: body)
        frameLengthLimit = try reader.requiredCopy(Fields.frameLengthLimit, in: body)
        inFlightLimit = try reader.requiredCopy(Fields.inFlightLimit, in: body)
        serverNonce = try reader.requiredCopy(Fields.serverNonce, in: body)
        authenticationRequired = try reader.requiredCopy(Fields.authenticationRequired, in: body)
        try reader.finish(in: body)
    }

    /// Appends the frame of a HELLO answer.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(response: .hello, requestID: requestID)
        writer.write(Fields.version, version)
        writer.write(Fields.serverBuild, serverBuild)
        writer.write(Fields.serverTime, serverTime)
        writer.write(Fields.frameLengthLimit, frameLengthLimit)
        writer.write(Fields.inFlightLimit, inFlightLimit)
        writer.write(Fields.serverNonce, serverNonce)
        writer.write(Fields.authenticationRequired, authenticationRequired)
        try writer.end()
    }
}
