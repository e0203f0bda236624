import MintmarkCrypto

/// Random bytes drawn from a source many at a time, because each draw costs about as much as writing a whole claim.
///
/// A value for one thread at a time. For identifiers that are public anyway: used bytes stay in memory.
struct RandomBlock: Sendable {
    private static let byteCount = 1024

    private let source: any RandomSource
    private var bytes = [UInt8](repeating: 0, count: Self.byteCount)
    private var offset = Self.byteCount

    init(source: any RandomSource) {
        self.source = source
    }

    /// The next sixteen bytes.
    mutating func next() -> UInt128 {
        let count = MemoryLayout<UInt128>.size
        if offset + count > bytes.count {
            bytes.withUnsafeMutableBytes { [source] in source.fill($0) }
            offset = 0
        }
        defer { offset += count }
        return bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt128.self)
    }
}
