import MintmarkWire

/// Request frames, encoded beforehand. Their request ids are put in when they are sent.
struct FrameTable: Sendable {
    private(set) var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// The size of the greatest frame.
    private(set) var frameBytesMax = 0

    var count: Int { ends.count }

    /// Where a frame lies in `bytes`.
    @inline(__always)
    func range(_ index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    /// - Throws: `LoadFailure.usage` if the frame is above what a server takes.
    mutating func append(_ request: some WireRequest, lengthMax: Int) throws(LoadFailure) {
        var writer = FrameWriter(lengthMax: lengthMax)
        do throws(WireError) {
            try request.encode(requestID: 0, into: &writer)
        } catch {
            throw .usage("a request is longer than the server takes: \(error)")
        }
        bytes += writer.bytes
        ends.append(bytes.count)
        frameBytesMax = max(frameBytesMax, writer.bytes.count)
    }
}
