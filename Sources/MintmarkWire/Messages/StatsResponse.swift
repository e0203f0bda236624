/// How the server is.
public struct StatsResponse: WireResponse {
    /// The server software's name and version.
    public var serverBuild: String
    /// The server's clock, in seconds since 1970.
    public var serverTime: UInt64
    /// What was counted since the start.
    public var counters: [Counter]
    /// Whether every operation is served.
    public var isReady: Bool
    /// Why not ready; empty when ready.
    public var readinessReasons: [String]

    /// Makes a STATS answer.
    public init(
        serverBuild: String,
        serverTime: UInt64,
        counters: [Counter],
        isReady: Bool,
        readinessReasons: [String]
    ) {
        self.serverBuild = serverBuild
        self.serverTime = serverTime
        self.counters = counters
        self.isReady = isReady
        self.readinessReasons = readinessReasons
    }

    /// Decodes the body of a STATS answer.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        serverBuild = try reader.requiredCopy(Fields.serverBuild, in: body)
        serverTime = try reader.requiredCopy(Fields.serverTime, in: body)
        counters = try reader.requiredCopy(Fields.counters, in: body)
        isReady = try reader.requiredCopy(Fields.ready, in: body)
        readinessReasons = try reader.requiredCopy(Fields.readinessReasons, in: body)
        try reader.finish(in: body)
    }

    /// Appends the frame of a STATS answer.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(response: .stats, requestID: requestID)
        writer.write(Fields.serverBuild, serverBuild)
        writer.write(Fields.serverTime, serverTime)
        writer.write(Fields.counters, counters)
        writer.write(Fields.ready, isReady)
        writer.write(Fields.readinessReasons, readinessReasons)
        try writer.end()
    }
}
