import MintmarkTestSupport

/// A simulated file, whatever its name: as processes see it, as the disk holds it, and what lies between.
struct FileNode {
    enum Change {
        case write([UInt8], offset: Int)
        case length(Int)
    }

    /// What a process sees.
    private(set) var cached = FileImage()
    /// What the disk holds for certain.
    private(set) var durable = FileImage()
    private(set) var space = FileSpace()

    /// Since the last sync, in their order.
    private var unsynced: [Change] = []
    /// Sectors that a failed sync has marked as clean, though the disk does not hold them.
    private var forsaken: Set<Int> = []

    var isSynced: Bool {
        unsynced.isEmpty
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        cached.write(bytes, at: offset)
        space.write(offset..<offset + bytes.count)
        unsynced.append(.write(Array(bytes), offset: offset))
        soil(offset..<offset + bytes.count)
    }

    mutating func allocate(_ byteCount: Int) {
        space.allocate(byteCount)
        guard byteCount > cached.byteCount else { return }
        cached.resize(to: byteCount)
        unsynced.append(.length(byteCount))
    }

    mutating func truncate(to byteCount: Int) {
        space.truncate(to: byteCount)
        cached.resize(to: byteCount)
        unsynced.append(.length(byteCount))
    }

    mutating func synchronize() {
        Self.apply(unsynced, to: &durable)
        unsynced = []
    }

    /// A sync that fails as it does on Linux: a part of what was written is marked as clean, so that no later sync writes
    /// it. Lengths are not data, and stay to be synced.
    mutating func failToSynchronize(using generator: inout SeededGenerator) {
        var kept: [Change] = []
        for change in unsynced {
            guard case .write(let bytes, let offset) = change else {
                kept.append(change)
                continue
            }
            forEachSector(of: bytes, at: offset) { sector, part, offset in
                if Bool.random(using: &generator) {
                    kept.append(.write(Array(part), offset: offset))
                } else {
                    forsaken.insert(sector)
                }
            }
        }
        if !unsynced.isEmpty {
            kept.append(.length(cached.byteCount))
        }
        unsynced = kept
    }

    /// The cache lets go of what it takes for clean, so that processes see what the disk holds.
    mutating func dropForsaken() {
        guard !forsaken.isEmpty else { return }
        // What is still to be written stays in the cache, whatever lay there before.
        var image = durable
        Self.apply(unsynced, to: &image)
        image.resize(to: cached.byteCount)
        cached = image
        forsaken = []
    }

    /// The power goes and comes back: of what was not synced the disk holds what fate has kept.
    mutating func losePower(using generator: inout SeededGenerator) {
        let fate = CrashFate.draw(changeCount: unsynced.count, using: &generator)
        let keptLengthCount = fate.keptLengthCount(of: unsynced.count, using: &generator)
        var image = durable
        var length = durable.byteCount
        for (index, change) in unsynced.enumerated() {
            switch change {
            case .length(let byteCount) where index < keptLengthCount:
                image.resize(to: byteCount)
                length = byteCount
            case .length:
                break
            case .write(let bytes, let offset):
                forEachSector(of: bytes, at: offset) { _, part, offset in
                    if fate.keeps(index, using: &generator) {
                        image.write(part, at: offset)
                    }
                }
                if index < keptLengthCount {
                    length = max(length, offset + bytes.count)
                }
            }
        }
        image.resize(to: length)
        durable = image
        cached = image
        unsynced = []
        forsaken = []
    }

    /// Changes a bit of what is on the disk and in the cache, as rot would.
    mutating func flip(_ mask: UInt8, at offset: Int) {
        cached.flip(mask, at: offset)
        durable.flip(mask, at: offset)
    }

    mutating func replace(with bytes: [UInt8]) {
        cached = FileImage()
        bytes.withUnsafeBytes { cached.write($0, at: 0) }
        durable = cached
        unsynced = []
        forsaken = []
    }

    /// The system writes whole pages: what a failed sync left in a page goes with what is written there next.
    private mutating func soil(_ range: Range<Int>) {
        guard !forsaken.isEmpty else { return }
        let perPage = FileImage.pageByteCount / FileImage.sectorByteCount
        let pages = Set(Self.sectors(of: range).map { $0 / perPage })
        for sector in forsaken.sorted() where pages.contains(sector / perPage) {
            let offset = sector * FileImage.sectorByteCount
            let bytes = cached.bytes(at: offset, count: FileImage.sectorByteCount)
            unsynced.append(.write(bytes, offset: offset))
            forsaken.remove(sector)
        }
    }

    private static func apply(_ changes: [Change], to image: inout FileImage) {
        for change in changes {
            switch change {
            case .write(let bytes, let offset): bytes.withUnsafeBytes { image.write($0, at: offset) }
            case .length(let byteCount): image.resize(to: byteCount)
            }
        }
    }

    /// Calls `body` with the parts of a write that lie in one sector each: the sector, the bytes, where in the file.
    private func forEachSector(
        of bytes: [UInt8],
        at offset: Int,
        _ body: (Int, UnsafeRawBufferPointer, Int) -> Void
    ) {
        bytes.withUnsafeBytes { bytes in
            for sector in Self.sectors(of: offset..<offset + bytes.count) {
                let start = max(offset, sector * FileImage.sectorByteCount)
                let end = min(offset + bytes.count, (sector + 1) * FileImage.sectorByteCount)
                body(sector, UnsafeRawBufferPointer(rebasing: bytes[start - offset..<end - offset]), start)
            }
        }
    }

    private static func sectors(of range: Range<Int>) -> Range<Int> {
        let size = FileImage.sectorByteCount
        return range.lowerBound / size..<(range.upperBound + size - 1) / size
    }
}
