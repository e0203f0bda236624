/// Has the server write a snapshot of its sessions to its disk now.
public struct SnapshotRequest: WireRequest {
    /// What answers it, if no error does.
    public typealias Response = SnapshotResponse

    /// SNAPSHOT.
    public static var kind: Kind { .snapshot }

    /// Makes a SNAPSHOT request.
    public init() {}

    /// Decodes the body of a SNAPSHOT request.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        try reader.finish(in: body)
    }

    /// Appends the frame of a SNAPSHOT request.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(request: .snapshot, requestID: requestID)
        try writer.end()
    }
}
