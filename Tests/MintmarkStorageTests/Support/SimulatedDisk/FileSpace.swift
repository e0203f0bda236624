/// Which pages of a simulated file have a place on the disk.
struct FileSpace {
    /// The first so many have been allocated.
    private var allocatedPageCount = 0
    /// Those beyond that have been written.
    private var writtenPages: Set<Int> = []

    var byteCount: Int {
        (allocatedPageCount + writtenPages.count) * FileImage.pageByteCount
    }

    /// How much more space a write takes.
    func byteCountToWrite(_ range: Range<Int>) -> Int {
        Self.pages(of: range).filter { !holds($0) }.count * FileImage.pageByteCount
    }

    /// How much more space an allocation from the beginning takes.
    func byteCountToAllocate(_ byteCount: Int) -> Int {
        let pageCount = Self.pages(of: 0..<byteCount).upperBound
        guard pageCount > allocatedPageCount else { return 0 }
        let present = writtenPages.filter { $0 < pageCount }.count
        return (pageCount - allocatedPageCount - present) * FileImage.pageByteCount
    }

    mutating func write(_ range: Range<Int>) {
        writtenPages.formUnion(Self.pages(of: range).filter { !holds($0) })
    }

    mutating func allocate(_ byteCount: Int) {
        allocatedPageCount = max(allocatedPageCount, Self.pages(of: 0..<byteCount).upperBound)
        writtenPages = writtenPages.filter { $0 >= allocatedPageCount }
    }

    mutating func truncate(to byteCount: Int) {
        let pageCount = Self.pages(of: 0..<byteCount).upperBound
        allocatedPageCount = min(allocatedPageCount, pageCount)
        writtenPages = writtenPages.filter { $0 < pageCount }
    }

    private func holds(_ page: Int) -> Bool {
        page < allocatedPageCount || writtenPages.contains(page)
    }

    private static func pages(of range: Range<Int>) -> Range<Int> {
        let size = FileImage.pageByteCount
        guard !range.isEmpty else { return range.lowerBound / size..<range.lowerBound / size }
        return range.lowerBound / size..<(range.upperBound + size - 1) / size
    }
}
