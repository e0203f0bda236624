/// Appends frames to one buffer.
///
/// A frame is begun, filled and ended; its length is written at the end. One frame is open at a time. A writer is meant
/// to be kept and emptied with `bytes.removeAll(keepingCapacity: true)`, and then allocates nothing.
///
/// Isolation: a plain value, owned by whoever writes.
public struct FrameWriter: Sendable {
    /// The frames so far, and the beginning of the open one. Touch it between frames only.
    public var bytes: [UInt8] = []

    /// The greatest length a frame may get, in bytes behind its length field.
    public let lengthMax: Int

    private var start: Int?
    /// What the open frame's length would be, once it is known to be too great.
    private var excessiveLength: Int?

    /// - Parameter lengthMax: What the reader of the frames accepts; no more than the protocol's ceiling is used.
    public init(lengthMax: Int = Limits.frameLengthMax) {
        self.lengthMax = min(lengthMax, Limits.frameLengthMaxCeiling)
    }
}

extension FrameWriter {
    /// Begins a request's frame.
    public mutating func begin(request kind: Kind, requestID: UInt32) {
        begin(kindByte: kind.requestByte, requestID: requestID)
    }

    /// Begins an answer's frame.
    @inline(__always)
    public mutating func begin(response kind: Kind, requestID: UInt32) {
        begin(kindByte: kind.responseByte, requestID: requestID)
    }

    /// Begins an error's frame.
    public mutating func beginError(requestID: UInt32) {
        begin(kindByte: Kind.errorByte, requestID: requestID)
    }

    /// Appends a whole answer whose length is known: faster than field by field.
    ///
    /// - Parameters:
    ///   - bodyCount: How many bytes `write` appends, exactly.
    ///   - write: Appends the fields, in the order of their tags.
    /// - Throws: TOKEN_TOO_LARGE if the frame would be above `lengthMax`; nothing is appended then.
    @inline(__always)
    mutating func append(
        response kind: Kind,
        requestID: UInt32,
        bodyCount: Int,
        _ write: (inout OutputSpan<UInt8>) -> Void
    ) throws(WireError) {
        precondition(start == nil, "a frame is appended while another one is open")
        let length = FrameHeader.Layout.body - FrameHeader.Layout.lengthSize + bodyCount
        guard length <= lengthMax else { throw WireError(.tokenTooLarge, found: UInt64(length)) }
        bytes.append(addingCapacity: FrameHeader.Layout.lengthSize + length) { output in
            let end = output.count + FrameHeader.Layout.lengthSize + length
            output.append(FrameHeader(kindByte: kind.responseByte, requestID: requestID), length: length)
            write(&output)
            precondition(output.count == end, "an answer has another length than was said")
        }
    }

    private mutating func begin(kindByte: UInt8, requestID: UInt32) {
        precondition(start == nil, "a frame is begun while another one is open")
        start = bytes.count
        excessiveLength = nil
        bytes.append(addingCapacity: FrameHeader.Layout.body) { output in
            output.append(FrameHeader(kindByte: kindByte, requestID: requestID), length: 0)
        }
    }

    /// Ends the open frame and writes its length.
    ///
    /// - Throws: TOKEN_TOO_LARGE if the frame is above `lengthMax`; the frame is discarded then.
    public mutating func end() throws(WireError) {
        guard let start else { preconditionFailure("a frame is ended that was not begun") }
        let length = excessiveLength ?? (bytes.count - start - FrameHeader.Layout.lengthSize)
        guard length <= lengthMax else {
            discard()
            throw WireError(.tokenTooLarge, found: UInt64(length))
        }
        bytes.overwrite(bigEndian: UInt32(length), at: start)
        self.start = nil
    }

    /// Removes the open frame.
    public mutating func discard() {
        guard let start else { preconditionFailure("a frame is discarded that was not begun") }
        bytes.removeSubrange(start...)
        self.start = nil
    }
}

extension FrameWriter {
    /// Writes a field if there is a value.
    @inline(__always)
    mutating func write<Format>(_ field: Field<Format>, _ value: Format.Copy?) {
        guard let value else { return }
        guard let length = Format.length(of: value) else { return refuse(length: .max) }
        guard hasRoom(for: length) else { return }
        bytes.append(addingCapacity: FrameWriter.fieldHeadMax + length) { output in
            output.append(field.tag.rawValue)
            output.append(leb128: length)
            Format.append(value, to: &output)
        }
    }

    /// The size of a field with a value of so many bytes, fewer than 2^21.
    @inline(__always)
    static func fieldCount(_ length: Int) -> Int {
        1 + (length < 1 << 7 ? 1 : length < 1 << 14 ? 2 : 3) + length
    }

    /// The size of a field with a number.
    @inline(__always)
    static func count<Format: NumberFieldFormat>(of field: Field<Format>) -> Int {
        fieldCount(Format.Number.bitWidth / 8)
    }

    /// The most bytes before a field's value.
    private static let fieldHeadMax = 4

    /// Whether the frame can take a value of this length. If not, the frame is as good as discarded.
    ///
    /// Below the frame limit's ceiling every length has a LEB128 form of three bytes.
    @inline(__always)
    private mutating func hasRoom(for length: Int) -> Bool {
        guard let start else { preconditionFailure("a field is written outside of a frame") }
        let frameLength = bytes.count - start - FrameHeader.Layout.lengthSize + length
        guard frameLength <= lengthMax else {
            refuse(length: frameLength)
            return false
        }
        return true
    }

    private mutating func refuse(length: Int) {
        excessiveLength = max(excessiveLength ?? 0, length)
    }
}
