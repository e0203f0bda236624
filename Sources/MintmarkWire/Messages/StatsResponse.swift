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
    /// Which build of its software the server is: two programs with the same are the same. Nil if it does not know.
    public var buildID: [UInt8]?
    /// What the server runs with, as far as it changes how fast it is: each a name, `=` and a value.
    public var settings: [String]
    /// Digest of all settings in effect but those that say where something is. Nil if the server has no settings.
    public var settingsDigest: [UInt8]?

    /// Makes a STATS answer.
    public init(
        serverBuild: String,
        serverTime: UInt64,
        counters: [Counter],
        isReady: Bool,
        readinessReasons: [String],
        buildID: [UInt8]? = nil,
        settings: [String] = [],
        settingsDigest: [UInt8]? = nil
    ) {
        self.serverBuild = serverBuild
        self.serverTime = serverTime
        self.counters = counters
        self.isReady = isReady
        self.readinessReasons = readinessReasons
        self.buildID = buildID
        self.settings = settings
        self.settingsDigest = settingsDigest
    }

    /// Decodes the body of a STATS answer.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        serverBuild = try reader.requiredCopy(Fields.serverBuild, in: body)
        serverTime = try reader.requiredCopy(Fields.serverTime, in: body)
        counters = try reader.requiredCopy(Fields.counters, in: body)
        isReady = try reader.requiredCopy(Fields.ready, in: body)
        readinessReasons = try reader.requiredCopy(Fields.readinessReasons, in: body)
        buildID = try reader.optionalCopy(Fields.buildID, in: body)
        settings = try reader.requiredCopy(Fields.settings, in: body)
        settingsDigest = try reader.optionalCopy(Fields.settingsDigest, in: body)
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
        writer.write(Fields.buildID, buildID)
        writer.write(Fields.settings, settings)
        writer.write(Fields.settingsDigest, settingsDigest)
        try writer.end()
    }
}
