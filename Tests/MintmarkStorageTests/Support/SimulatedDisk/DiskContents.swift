import Glibc
import MintmarkStorage
import MintmarkTestSupport

/// Names and files of a simulated disk. A value: a copy is a backup.
struct DiskContents {
    var byteCountMax: Int?
    var isReadOnly = false

    private var names = NameTable()
    private var nodes: [Int: FileNode] = [:]
    private var nextNode = 0

    // MARK: Looking

    /// Space in use; that of a file whose name is gone counts as free.
    var byteCount: Int {
        names.cached.values.reduce(0) { $0 + (nodes[$1]?.space.byteCount ?? 0) }
    }

    /// The names that a process sees.
    var fileNames: Set<String> {
        Set(names.cached.keys)
    }

    /// What a process reads under a name.
    func bytes(of name: String) -> [UInt8]? {
        names.cached[name].flatMap { nodes[$0] }?.cached.bytes
    }

    /// What is certain to be found under a name after a power loss, if nothing else is kept.
    func durableBytes(of name: String) -> [UInt8]? {
        names.durable[name].flatMap { nodes[$0] }?.durable.bytes
    }

    // MARK: Names

    mutating func create(_ name: String) throws(StorageFault) -> Int {
        try checkWritable(.create, name)
        guard names.cached[name] == nil else { throw StorageFault(.create, name, code: EEXIST) }
        let node = nextNode
        nextNode += 1
        nodes[node] = FileNode()
        names.create(name, node)
        return node
    }

    func open(_ name: String) throws(StorageFault) -> Int {
        guard let node = names.cached[name] else { throw StorageFault(.open, name, code: ENOENT) }
        // Files are opened for writing, always.
        try checkWritable(.open, name)
        return node
    }

    mutating func rename(_ name: String, to newName: String) throws(StorageFault) {
        try checkWritable(.rename, name)
        guard let node = names.cached[name] else { throw StorageFault(.rename, name, code: ENOENT) }
        guard name != newName else { return }
        names.rename(name, to: newName, node)
    }

    mutating func remove(_ name: String) throws(StorageFault) {
        try checkWritable(.remove, name)
        guard let node = names.cached[name] else { throw StorageFault(.remove, name, code: ENOENT) }
        names.remove(name, node)
    }

    mutating func synchronizeNames() throws(StorageFault) {
        if !names.isSynced {
            try checkWritable(.synchronizeDirectory, ".")
        }
        names.synchronize()
    }

    mutating func failToSynchronizeNames(using generator: inout SeededGenerator) {
        names.failToSynchronize(using: &generator)
    }

    // MARK: Files

    func byteCount(of node: Int) -> Int {
        nodes[node]?.cached.byteCount ?? 0
    }

    func read(_ node: Int, at offset: Int, into target: UnsafeMutableRawBufferPointer) -> Int {
        nodes[node]?.cached.read(at: offset, into: target) ?? 0
    }

    /// Writes as much as there is space for, and gives how much that was.
    mutating func write(
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int,
        of node: Int,
        named name: String
    ) throws(StorageFault) -> Int {
        try checkWritable(.write, name)
        guard !bytes.isEmpty else { throw StorageFault(.write, name, code: EIO) }
        var range = offset..<offset + bytes.count
        let space = nodes[node]?.space ?? FileSpace()
        while !range.isEmpty, space.byteCountToWrite(range) > freeByteCount {
            let pageStart = (range.upperBound - 1) / FileImage.pageByteCount * FileImage.pageByteCount
            range = offset..<max(offset, pageStart)
        }
        guard !range.isEmpty else { throw StorageFault(.write, name, code: ENOSPC) }
        nodes[node]?.write(UnsafeRawBufferPointer(rebasing: bytes[..<range.count]), at: offset)
        return range.count
    }

    mutating func allocate(_ byteCount: Int, of node: Int, named name: String) throws(StorageFault) {
        try checkWritable(.allocate, name)
        guard nodes[node]?.space.byteCountToAllocate(byteCount) ?? 0 <= freeByteCount else {
            throw StorageFault(.allocate, name, code: ENOSPC)
        }
        nodes[node]?.allocate(byteCount)
    }

    mutating func truncate(_ node: Int, to byteCount: Int, named name: String) throws(StorageFault) {
        try checkWritable(.truncate, name)
        nodes[node]?.truncate(to: byteCount)
    }

    mutating func synchronize(_ node: Int, named name: String) throws(StorageFault) {
        if nodes[node]?.isSynced == false {
            try checkWritable(.synchronize, name)
        }
        nodes[node]?.synchronize()
    }

    mutating func failToSynchronize(_ node: Int, using generator: inout SeededGenerator) {
        nodes[node]?.failToSynchronize(using: &generator)
    }

    // MARK: Ends

    /// Whether the file system is mounted again before the next process works.
    var isShutDown: Bool { names.hasFailed }

    /// A process has ended. What a failed sync of a file has left in the cache goes some day: by chance, now. After a
    /// failed sync of the directory a file system is shut down: until the next process works, it was mounted again.
    mutating func endProcess(using generator: inout SeededGenerator) {
        guard !isShutDown else { return losePower(using: &generator) }
        forget(except: Set(names.cached.values).union(names.durable.values))
        for node in nodes.keys.sorted() where Bool.random(using: &generator) {
            nodes[node]?.dropForsaken()
        }
    }

    mutating func losePower(using generator: inout SeededGenerator) {
        names.losePower(using: &generator)
        forget(except: Set(names.durable.values))
        for node in nodes.keys.sorted() {
            nodes[node]?.losePower(using: &generator)
        }
    }

    mutating func replace(_ name: String, with bytes: [UInt8]) {
        guard let node = names.cached[name] else { return }
        nodes[node]?.replace(with: bytes)
    }

    mutating func flip(_ mask: UInt8, at offset: Int, of name: String) {
        guard let node = names.cached[name] else { return }
        nodes[node]?.flip(mask, at: offset)
    }

    private var freeByteCount: Int {
        byteCountMax.map { max(0, $0 - byteCount) } ?? .max
    }

    private mutating func forget(except kept: Set<Int>) {
        nodes = nodes.filter { kept.contains($0.key) }
    }

    private func checkWritable(_ operation: StorageFault.Operation, _ name: String) throws(StorageFault) {
        if isReadOnly {
            throw StorageFault(operation, name, code: EROFS)
        }
    }
}
