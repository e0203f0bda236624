/// A verified token as the cache keeps it: facts, whole token and text in one allocation, shared and never changed.
///
/// ```
/// facts (MemoryLayout<Header>.size) ‖ token ‖ text (see TokenFacts)
/// ```
struct CachedToken: Sendable {
    private struct Header: BitwiseCopyable {
        let facts: TokenFacts
        let tokenByteCount: Int
    }

    private static let headerByteCount = MemoryLayout<Header>.size
    /// What the memory allocator and the array's own header take at most, beside the bytes themselves.
    private static let allocationOverhead = 48
    /// An entry's share of the index: at the lowest load after growing, 8 slots of 24 bytes hold 3 entries.
    private static let indexByteCount = 64

    private let bytes: [UInt8]

    init(token: RawSpan, facts: TokenFacts, text: [UInt8]) {
        let header = Header(facts: facts, tokenByteCount: token.byteCount)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.headerByteCount + token.byteCount + text.count)
        withUnsafeBytes(of: header) { bytes.append(contentsOf: $0.prefix(Self.headerByteCount)) }
        bytes.append(token)
        bytes.append(contentsOf: text)
        self.bytes = bytes
    }

    /// What the entry counts for in the cache's bound: an upper estimate of the memory it takes.
    var cost: Int { Self.cost(tokenByteCount: bytes.count - Self.headerByteCount, textByteCount: 0) }

    static func cost(tokenByteCount: Int, textByteCount: Int) -> Int {
        headerByteCount + tokenByteCount + textByteCount + allocationOverhead + indexByteCount
    }

    var facts: TokenFacts { header.facts }

    /// Whether this is exactly that token, byte for byte.
    func isToken(_ token: RawSpan) -> Bool {
        let start = Self.headerByteCount
        return bytes.span.bytes.extracting(start..<start + header.tokenByteCount).hasSameBytes(as: token)
    }

    /// Lends the claims and what the facts refer to behind them.
    @inline(__always)
    func withText<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let start = Self.headerByteCount + header.tokenByteCount
        return try body(bytes.span.bytes.extracting(start..<bytes.count))
    }

    private var header: Header { bytes.span.bytes.unsafeLoadUnaligned(as: Header.self) }
}
