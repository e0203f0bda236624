import CPrefetch

/// Memory for the packed sessions of one shard: slots of any multiple of four bytes, carved from chunks of 16 KiB.
///
/// Growing adds a chunk and moves nothing. A freed slot serves slots of its size or, split, smaller ones. A copy shares
/// the chunks until one side writes to them, so a snapshot copies no more than what changes meanwhile. A value; its
/// shard's lock guards it.
struct SlotArena: Sendable {
    /// Where a slot is: the number of its chunk, then of its first unit in there. Never zero.
    typealias Reference = UInt32

    static let unitByteCount = 4

    /// References have 24 bits, 12 of them for the unit: 64 MiB a shard.
    static let referenceBitCount = 24
    private static let unitBitCount = 12
    private static let chunkUnitCount = 1 << unitBitCount
    private static let chunkCountMax = 1 << (referenceBitCount - unitBitCount)

    /// A rest of a split slot smaller than any session would never be used.
    private static let splitRestUnitCountMin = 24

    /// What the processor fetches at once.
    private static let lineByteCount = 64

    private var chunks: [[UInt8]] = []

    /// The first free unit of the last chunk.
    private var nextUnit = Self.chunkUnitCount

    /// By unit count: the first free slot, or zero. Its first four bytes refer to the next.
    private var freeLists: [Reference] = []

    private(set) var freeUnitCount = 0

    /// The units that `byteCount` bytes take.
    static func unitCount(forByteCount byteCount: Int) -> Int {
        (byteCount + unitByteCount - 1) / unitByteCount
    }

    /// A slot of `unitCount` units, whose content is unspecified; nil when the shard is full.
    mutating func allocate(unitCount: Int) -> Reference? {
        precondition(unitCount > 0 && unitCount < Self.chunkUnitCount, "no slot has \(unitCount) units")
        if let slot = popFree(unitCount: unitCount) {
            return slot
        }
        if Self.chunkUnitCount - nextUnit >= unitCount {
            return bump(unitCount: unitCount)
        }
        if let slot = splitFree(unitCount: unitCount) {
            return slot
        }
        guard chunks.count < Self.chunkCountMax else { return nil }
        if nextUnit < Self.chunkUnitCount {
            let rest = Self.chunkUnitCount - nextUnit
            free(bump(unitCount: rest), unitCount: rest)
        }
        chunks.append([UInt8](repeating: 0, count: Self.chunkUnitCount * Self.unitByteCount))
        // Unit 0 of chunk 0 stays unused, so that no reference is zero.
        nextUnit = chunks.count == 1 ? 1 : 0
        return bump(unitCount: unitCount)
    }

    mutating func free(_ reference: Reference, unitCount: Int) {
        if freeLists.count <= unitCount {
            freeLists.append(contentsOf: repeatElement(0, count: unitCount + 1 - freeLists.count))
        }
        let next = freeLists[unitCount]
        withMutableBytes(at: reference) { $0.storeBytes(of: next, as: Reference.self) }
        freeLists[unitCount] = reference
        freeUnitCount += unitCount
    }

    /// Gives all memory back. No slot may be in use.
    mutating func removeAll() {
        self = SlotArena()
    }

    /// Lends the bytes from a slot's start to the end of its chunk; the slot's own come first.
    ///
    /// Through spans, which count no references: a chunk's count is far from its slots, and is waited for by who changes it.
    func withBytes<Result>(at reference: Reference, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let chunks = chunks.span
        return chunks[Self.chunk(of: reference)].span.withUnsafeBytes {
            body(.init(rebasing: $0[Self.offset(of: reference)...]))
        }
    }

    /// Asks the processor for the first `byteCount` bytes of a slot, and for the head of its chunk. Reads neither.
    func prefetch(_ reference: Reference, byteCount: Int) {
        let chunks = chunks.span
        let start = Self.offset(of: reference)
        let end = min(start + byteCount, Self.chunkUnitCount * Self.unitByteCount)
        chunks[Self.chunk(of: reference)].span.withUnsafeBytes { bytes in
            guard let chunk = bytes.baseAddress else { return }
            prefetch_head(chunk)
            for offset in stride(from: start, to: end, by: Self.lineByteCount) {
                prefetch_line(chunk + offset)
            }
            // Slots begin anywhere in a line.
            prefetch_line(chunk + (end - 1))
        }
    }

    mutating func withMutableBytes<Result>(
        at reference: Reference,
        _ body: (UnsafeMutableRawBufferPointer) -> Result
    ) -> Result {
        chunks[Self.chunk(of: reference)].withUnsafeMutableBytes {
            body(.init(rebasing: $0[Self.offset(of: reference)...]))
        }
    }

    private static func chunk(of reference: Reference) -> Int {
        Int(reference) >> unitBitCount
    }

    private static func offset(of reference: Reference) -> Int {
        (Int(reference) & (chunkUnitCount - 1)) * unitByteCount
    }

    private mutating func bump(unitCount: Int) -> Reference {
        let reference = Reference((chunks.count - 1) << Self.unitBitCount | nextUnit)
        nextUnit += unitCount
        return reference
    }

    private mutating func popFree(unitCount: Int) -> Reference? {
        guard unitCount < freeLists.count, freeLists[unitCount] != 0 else { return nil }
        let reference = freeLists[unitCount]
        freeLists[unitCount] = withBytes(at: reference) { $0.loadUnaligned(as: Reference.self) }
        freeUnitCount -= unitCount
        return reference
    }

    private mutating func splitFree(unitCount: Int) -> Reference? {
        let least = unitCount + Self.splitRestUnitCountMin
        guard freeUnitCount >= least, least < freeLists.count else { return nil }
        for whole in least..<freeLists.count {
            guard let reference = popFree(unitCount: whole) else { continue }
            free(reference + Reference(unitCount), unitCount: whole - unitCount)
            return reference
        }
        return nil
    }
}
