/// The bytes of a simulated file. Sparse: what was never written is zero and takes no memory.
struct FileImage: Equatable {
    static let pageByteCount = 4_096
    /// What a disk writes wholly or not at all.
    static let sectorByteCount = 512

    private(set) var byteCount = 0
    private var pages: [Int: [UInt8]] = [:]

    init() {}

    static func == (left: Self, right: Self) -> Bool {
        left.byteCount == right.byteCount && left.bytes == right.bytes
    }

    var bytes: [UInt8] {
        bytes(at: 0, count: byteCount)
    }

    /// As many as there are.
    func bytes(at offset: Int, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { target, count in
            count = read(at: offset, into: UnsafeMutableRawBufferPointer(target))
        }
    }

    /// Gives how many bytes there were.
    func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) -> Int {
        let count = max(0, min(target.count, byteCount - offset))
        forEachPart(of: offset..<offset + count) { page, inPage, inRange in
            let part = UnsafeMutableRawBufferPointer(rebasing: target[inRange])
            guard let bytes = pages[page] else {
                part.initializeMemory(as: UInt8.self, repeating: 0)
                return
            }
            bytes.withUnsafeBytes { part.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[inPage])) }
        }
        return count
    }

    /// Extends the file where needed.
    mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        let end = offset + bytes.count
        forEachPart(of: offset..<end) { page, inPage, inRange in
            pages[page, default: Self.emptyPage].withUnsafeMutableBytes { target in
                UnsafeMutableRawBufferPointer(rebasing: target[inPage])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[inRange]))
            }
        }
        byteCount = max(byteCount, end)
    }

    /// Cuts the file, or extends it with zeros.
    mutating func resize(to newByteCount: Int) {
        if newByteCount < byteCount {
            let lastPage = newByteCount / Self.pageByteCount
            pages = pages.filter { $0.key <= lastPage }
            let inPage = newByteCount % Self.pageByteCount
            pages[lastPage]?.replaceSubrange(inPage..., with: [UInt8](repeating: 0, count: Self.pageByteCount - inPage))
        }
        byteCount = newByteCount
    }

    /// Changes bits of a byte, if there is one.
    mutating func flip(_ mask: UInt8, at offset: Int) {
        for byte in bytes(at: offset, count: 1) {
            withUnsafeBytes(of: byte ^ mask) { write($0, at: offset) }
        }
    }

    private static let emptyPage = [UInt8](repeating: 0, count: pageByteCount)

    /// Calls `body` with the parts of a range that lie in one page each: the page, where in it, where in the range.
    private func forEachPart(of range: Range<Int>, _ body: (Int, Range<Int>, Range<Int>) -> Void) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let page = offset / Self.pageByteCount
            let start = offset % Self.pageByteCount
            let count = min(Self.pageByteCount - start, range.upperBound - offset)
            body(page, start..<start + count, (offset - range.lowerBound)..<(offset - range.lowerBound + count))
            offset += count
        }
    }
}
