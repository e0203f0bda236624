import CPrefetch
import MintmarkCrypto

/// The entries of a cache's part, one behind the other in one block of memory: the newest at the head, the oldest at the
/// tail. When the block ends the head goes on at its beginning, behind what the tail has left there.
///
/// ```
/// entry: head (MemoryLayout<Head>.size) ‖ token ‖ text (see TokenFacts) ‖ up to 7 unused bytes
/// ```
///
/// A place is the offset of an entry, a multiple of 8. The block is as large as the ring may become, but the system
/// gives memory to those parts only that were written to. Nothing is allocated for an entry.
struct CacheRing: Sendable {
    struct Head: BitwiseCopyable {
        let hash: UInt64
        /// The verifier whose facts these are.
        let generation: UInt64
        let tokenByteCount: UInt32
        let textByteCount: UInt32
        let facts: TokenFacts
    }

    static let placeAlignment = 8
    static let headByteCount = MemoryLayout<Head>.size

    /// The size of the block: all entries together, dead ones and the unused bytes at the block's end.
    let byteCount: Int

    private var bytes: [UInt8] = []
    private var head = 0
    private var tail = 0
    /// Where the entries before the block's end stop, while the head is behind the beginning again.
    private var lapEnd: Int?

    init(byteCount: Int) {
        self.byteCount = byteCount
    }

    /// What an entry takes of the block.
    static func entryByteCount(tokenByteCount: Int, textByteCount: Int) -> Int {
        let byteCount = headByteCount + tokenByteCount + textByteCount
        return (byteCount + placeAlignment - 1) & ~(placeAlignment - 1)
    }

    /// The place of the oldest entry, if the next entry needs its room; nil when there is room for `count` bytes at the
    /// head. `count` must not be above the block's size.
    mutating func placeInTheWay(of count: Int) -> Int? {
        if lapEnd == nil {
            if head + count <= byteCount { return nil }
            lapEnd = head
            head = 0
        }
        guard head + count > tail else { return nil }
        if tail == lapEnd {
            tail = 0
            lapEnd = nil
            return placeInTheWay(of: count)
        }
        return tail
    }

    /// The place of the entry that gives way next; nil while none does.
    var oldestPlace: Int? {
        lapEnd == nil || tail == lapEnd ? nil : tail
    }

    /// Gives up the oldest entry.
    mutating func dropOldest() {
        tail += entryByteCount(at: tail)
    }

    /// Makes the oldest entry the newest; returns its new place. Only for one that is in the way of another: so there
    /// is room for it where it goes.
    mutating func renewOldest() -> Int {
        let count = entryByteCount(at: tail)
        let (source, target) = (tail, head)
        bytes.withUnsafeMutableBytes { bytes in
            let entry = UnsafeRawBufferPointer(rebasing: bytes[source..<source + count])
            UnsafeMutableRawBufferPointer(rebasing: bytes[target..<target + count]).copyMemory(from: entry)
        }
        tail += count
        head += count
        return target
    }

    /// Writes an entry at the head, where there must be room; returns its place.
    mutating func append(
        _ token: RawSpan,
        facts: TokenFacts,
        text: RawSpan,
        hash: UInt64,
        generation: UInt64
    ) -> Int {
        let entryHead = Head(
            hash: hash,
            generation: generation,
            tokenByteCount: UInt32(token.byteCount),
            textByteCount: UInt32(text.byteCount),
            facts: facts
        )
        if bytes.isEmpty {
            // Nothing of it is read before it was written.
            bytes = [UInt8](unsafeUninitializedCapacity: byteCount) { _, count in count = byteCount }
        }
        let place = head
        head += Self.entryByteCount(tokenByteCount: token.byteCount, textByteCount: text.byteCount)
        bytes.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: entryHead, toByteOffset: place, as: Head.self)
            var target = UnsafeMutableRawBufferPointer(rebasing: bytes[place + Self.headByteCount..<head])
            token.withUnsafeBytes { target.fill(from: $0) }
            text.withUnsafeBytes { target.fill(from: $0) }
        }
        return place
    }

    // MARK: - Reading

    /// The usual text behind a token of usual length, with which an entry ends.
    private static let textByteCountUsual = 320
    private static let lineByteCount = Int(prefetch_line_byte_count)

    /// Asks for all lines of an entry at once, which are otherwise waited for one after the other. An entry is found
    /// somewhere in much more memory than the processor keeps near.
    @inline(__always)
    func prefetch(at place: Int, tokenByteCount: Int) {
        let end = min(place + Self.headByteCount + tokenByteCount + Self.textByteCountUsual, bytes.count)
        prefetch(from: place, to: end)
    }

    /// Asks for the memory behind the head, where the next entry will be written, and the oldest one gives way to it.
    @inline(__always)
    func prefetchHead(byteCount: Int) {
        prefetch(from: head, to: min(head + byteCount + Self.lineByteCount, bytes.count))
    }

    @inline(__always)
    private func prefetch(from start: Int, to end: Int) {
        bytes.withUnsafeBytes { bytes in
            guard let address = bytes.baseAddress else { return }
            prefetch_lines(address + start, address + end)
        }
    }

    @inline(__always)
    func head(at place: Int) -> Head {
        bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: place, as: Head.self)
    }

    @inline(__always)
    func hash(at place: Int) -> UInt64 {
        bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
    }

    /// Whether the entry is of exactly that token, byte for byte.
    @inline(__always)
    func isToken(_ token: RawSpan, at place: Int, _ head: Head) -> Bool {
        let start = place + Self.headByteCount
        return bytes.span.bytes.extracting(start..<start + Int(head.tokenByteCount)).hasSameBytes(as: token)
    }

    /// Puts the claims and what the facts refer to behind them in place of what `text` holds.
    @inline(__always)
    func copyText(at place: Int, _ head: Head, to text: inout [UInt8]) {
        let start = place + Self.headByteCount + Int(head.tokenByteCount)
        text.replaceAll(copying: bytes.span.bytes.extracting(start..<start + Int(head.textByteCount)))
    }

    func entryByteCount(at place: Int) -> Int {
        let head = head(at: place)
        return Self.entryByteCount(
            tokenByteCount: Int(head.tokenByteCount),
            textByteCount: Int(head.textByteCount)
        )
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Copies `source` to the front, and leaves what is behind it.
    @inline(__always)
    fileprivate mutating func fill(from source: UnsafeRawBufferPointer) {
        copyMemory(from: source)
        self = UnsafeMutableRawBufferPointer(rebasing: self[source.count...])
    }
}
