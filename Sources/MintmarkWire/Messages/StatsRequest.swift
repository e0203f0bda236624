/// Asks for counters and readiness.
public struct StatsRequest: WireRequest {
    /// What answers it, if no error does.
    public typealias Response = StatsResponse

    /// STATS.
    public static var kind: Kind { .stats }

    /// Makes a STATS request.
    public init() {}

    /// Decodes the body of a STATS request.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        try reader.finish(in: body)
    }

    /// Appends the frame of a STATS request.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(request: .stats, requestID: requestID)
        try writer.end()
    }
}
