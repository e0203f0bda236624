// Layout of a frame. All integers are big-endian. `FrameHeader.Layout` holds the same numbers for the code.
//
//     offset  size  name        meaning
//          0     4  length      bytes behind this field: 6 to the connection's limit
//          4     1  kind        01...7E request, 81...FE its answer, FF error
//          5     1  flags       zero in version 1
//          6     4  request_id  chosen by the client, echoed; 0 in errors that belong to no request
//         10     n  body        fields in ascending order of their tags, n = length - 6
//
// Layout of a field in the body.
//
//     offset  size  name        meaning
//          0     1  tag         below 80 known to the receiver, from 80 on skippable
//          1   1-3  length      unsigned LEB128 in its shortest form
//        2-4     m  value       m = length

/// The fixed head of a frame that has arrived completely.
public struct FrameHeader: Hashable, Sendable {
    /// Where the parts of a frame lie, in bytes from its first.
    public enum Layout {
        /// Bytes behind this field: u32.
        public static let length = 0
        /// What the frame is: u8.
        public static let kind = 4
        /// Zero: u8.
        public static let flags = 5
        /// The request: u32.
        public static let requestID = 6
        /// The first byte of the body, and so the size of everything before it.
        public static let body = 10
        /// The size of the length field, which the length itself does not count.
        public static let lengthSize = 4
    }

    /// The kind byte as it came.
    public let kindByte: UInt8

    /// The flags byte as it came.
    public let flags: UInt8

    /// The request this frame makes or answers; 0 where it belongs to none.
    public let requestID: UInt32

    /// Makes a header.
    public init(kindByte: UInt8, flags: UInt8 = 0, requestID: UInt32) {
        self.kindByte = kindByte
        self.flags = flags
        self.requestID = requestID
    }
}

extension FrameHeader {
    /// What a request asks for; nil if this is no request of version 1.
    public var requestKind: Kind? { Kind(rawValue: kindByte) }

    /// What an answer answers; nil if this is no answer of version 1, or an error.
    public var responseKind: Kind? {
        kindByte >= Kind.responseBit ? Kind(rawValue: kindByte & ~Kind.responseBit) : nil
    }

    /// Whether this is an error frame.
    public var isError: Bool { kindByte == Kind.errorByte }

    /// What a request asks for, when its header is in order.
    ///
    /// What the connection's state forbids comes between the first and the second check and is not judged here.
    ///
    /// - Throws: The first that holds of REQUEST_ID_ZERO, FLAGS_UNSUPPORTED and KIND_UNKNOWN.
    public func checkedRequestKind() throws(WireError) -> Kind {
        if requestID == 0 { throw WireError(.requestIDZero) }
        if flags != 0 { throw WireError(.flagsUnsupported, found: UInt64(flags)) }
        guard let kind = requestKind else { throw WireError(.kindUnknown, found: UInt64(kindByte)) }
        return kind
    }
}
