/// What lies at one place of the input.
public enum FrameScan: Hashable, Sendable {
    /// The frame is not all there. Nothing was consumed; scan again at the same offset once at least `needed` bytes
    /// (counted from that offset) have come.
    case incomplete(needed: Int)

    /// A whole frame: its header, and where its body lies in the scanned bytes. The next frame begins at the body's end.
    case frame(FrameHeader, body: Range<Int>)

    /// Framing is lost: FRAME_LENGTH, or HELLO_EXPECTED for the first frame. Nothing behind this can be read.
    case invalid(WireError)
}

/// Finds frames in a stream of bytes. Judges the length field only; the body is its message's business.
///
/// Holds no state but its limit, so that one value serves any number of connections. Allocates nothing.
public struct FrameScanner: Hashable, Sendable {
    /// The greatest length a frame may announce, in bytes behind the length field.
    public let lengthMax: Int

    /// - Parameter lengthMax: The connection's frame limit; no more than the protocol's ceiling is used.
    public init(lengthMax: Int = Limits.frameLengthMax) {
        self.lengthMax = min(lengthMax, Limits.frameLengthMaxCeiling)
    }

    /// Looks at the frame that begins at `offset`.
    ///
    /// A wrong length is found as soon as its four bytes are there, before the rest is waited for.
    public func scan(_ bytes: RawSpan, at offset: Int) -> FrameScan {
        let available = bytes.byteCount - offset
        guard available >= FrameHeader.Layout.lengthSize else {
            return .incomplete(needed: FrameHeader.Layout.lengthSize)
        }
        let announced = bytes.bigEndian(UInt32.self, at: offset)
        guard announced >= Limits.frameLengthMin, announced <= lengthMax else {
            return .invalid(WireError(.frameLength, found: UInt64(announced)))
        }
        let frameSize = FrameHeader.Layout.lengthSize + Int(announced)
        guard available >= frameSize else { return .incomplete(needed: frameSize) }
        let header = FrameHeader(
            kindByte: bytes.byte(at: offset + FrameHeader.Layout.kind),
            flags: bytes.byte(at: offset + FrameHeader.Layout.flags),
            requestID: bytes.bigEndian(UInt32.self, at: offset + FrameHeader.Layout.requestID)
        )
        return .frame(header, body: offset + FrameHeader.Layout.body..<offset + frameSize)
    }

    /// Looks at the first frame of a connection, which must be a HELLO of at most `Limits.helloLengthMax` bytes.
    ///
    /// That is known from the first five bytes, so nobody who does not speak the protocol is waited for any longer.
    public func scanHello(_ bytes: RawSpan, at offset: Int) -> FrameScan {
        let scan = scan(bytes, at: offset)
        let available = bytes.byteCount - offset
        if case .invalid = scan { return scan }
        if available < FrameHeader.Layout.lengthSize { return scan }
        guard available > FrameHeader.Layout.kind else { return .incomplete(needed: FrameHeader.Layout.kind + 1) }
        let announced = bytes.bigEndian(UInt32.self, at: offset)
        let kindByte = bytes.byte(at: offset + FrameHeader.Layout.kind)
        guard kindByte == Kind.hello.requestByte, announced <= Limits.helloLengthMax else {
            return .invalid(WireError(.helloExpected))
        }
        return scan
    }
}
