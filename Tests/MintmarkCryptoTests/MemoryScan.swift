import Glibc

/// A search through all memory of this process.
enum MemoryScan {
    private static let mask: UInt8 = 0xA5

    /// Changes a pattern so that the list of what to look for is not itself found.
    static func masked(_ pattern: some Sequence<UInt8>) -> [UInt8] {
        pattern.map { $0 ^ mask }
    }

    /// One byte of a masked pattern as it was.
    static func unmasked(_ byte: UInt8) -> UInt8 {
        byte ^ mask
    }

    /// How often the patterns, which are given masked, occur in readable memory that belongs to no file or that this
    /// process may write.
    static func countOfMatches(ofMasked patterns: [[UInt8]]) -> Int {
        let regions = regions()
        return regions.reduce(0) { count, region in
            count + patterns.reduce(0) { $0 + matches(of: $1, in: region) }
        }
    }

    private static func matches(of pattern: [UInt8], in region: UnsafeRawBufferPointer) -> Int {
        guard var position = region.baseAddress else { return 0 }
        let end = position + region.count
        var count = 0
        while let candidate = memchr(position, Int32(pattern[0] ^ mask), end - position) {
            let isMatch =
                end - UnsafeRawPointer(candidate) >= pattern.count
                && pattern.indices.allSatisfy { index in
                    candidate.load(fromByteOffset: index, as: UInt8.self) ^ mask == pattern[index]
                }
            count += isMatch ? 1 : 0
            position = UnsafeRawPointer(candidate + 1)
        }
        return count
    }

    /// The lines of `/proc/self/maps` that tell of memory worth looking at.
    private static func regions() -> [UnsafeRawBufferPointer] {
        guard let file = fopen("/proc/self/maps", "r") else { return [] }
        defer { fclose(file) }
        var regions: [UnsafeRawBufferPointer] = []
        var line = [CChar](repeating: 0, count: 8192)
        while fgets(&line, Int32(line.count), file) != nil {
            let fields = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                .split(whereSeparator: \.isWhitespace)
            guard let region = region(fields) else { continue }
            regions.append(region)
        }
        return regions
    }

    /// Fields: address range, permissions, offset, device, inode, and a name where there is one.
    private static func region(_ fields: [Substring]) -> UnsafeRawBufferPointer? {
        let bounds = fields[0].split(separator: "-").compactMap { UInt(String($0), radix: 16) }
        let isOfTheKernel = fields.count > 5 && fields[5].hasPrefix("[v")
        let isCandidate = fields[1].hasPrefix("rw") || (fields[1].hasPrefix("r") && fields[4] == "0")
        guard bounds.count == 2, isCandidate, !isOfTheKernel else { return nil }
        return UnsafeRawBufferPointer(
            start: UnsafeRawPointer(bitPattern: bounds[0]),
            count: Int(bounds[1] - bounds[0])
        )
    }
}
