import MintmarkSessions

/// Reads a file from its beginning to its end, in pieces.
struct SequentialReader {
    private let file: any StorageFile
    private let byteCount: Int
    private var buffer: [UInt8] = []
    private var bufferOffset = 0
    /// The offset in the file of what is read next.
    private(set) var offset = 0

    /// More than the longest piece; few enough that the call of the system that reads them is soon over.
    private static let bufferByteCount = 128 << 10

    init(_ file: any StorageFile) throws(RecoveryFailure) {
        self.file = file
        byteCount = try recovering { () throws(StorageFault) in try file.byteCount() }
    }

    var fileByteCount: Int { byteCount }
    var isAtEnd: Bool { offset == byteCount }

    /// Lends the next `count` bytes, which must be no more than a buffer holds, to `body`.
    mutating func take<Value>(
        _ count: Int,
        _ body: (RawSpan) throws(RecoveryFailure) -> Value
    ) throws(RecoveryFailure) -> Value {
        precondition(count <= Self.bufferByteCount, "a piece of \(count) bytes")
        guard count <= byteCount - offset else {
            throw RecoveryFailure(file.name, at: offset, .format(.truncated))
        }
        if offset + count > bufferOffset + buffer.count {
            bufferOffset = offset
            let file = file
            buffer = try recovering { () throws(StorageFault) in
                try file.read(at: bufferOffset, byteCount: Self.bufferByteCount)
            }
            guard buffer.count >= count else {
                throw RecoveryFailure(file.name, at: offset, .format(.truncated))
            }
        }
        let start = offset - bufferOffset
        offset += count
        return try body(buffer.span.bytes.extracting(start..<(start + count)))
    }
}
