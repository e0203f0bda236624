import MintmarkStorage

/// An open file of a simulated disk. Immutable; of use until the disk's next crash.
final class SimulatedFile: StorageFile {
    /// As it was opened.
    let name: String
    private let node: Int
    private let disk: SimulatedDisk
    private let life: Int

    init(name: String, node: Int, on disk: SimulatedDisk) {
        self.name = name
        self.node = node
        self.disk = disk
        life = disk.life
    }

    func byteCount() throws(StorageFault) -> Int {
        try disk.call(DiskRequest(operation: .stat, name: name) { $0.byteCount(of: self.node) }, inLife: life)
    }

    /// Nobody but the store removes files of a simulated disk.
    func isNamed() -> Bool { true }

    func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(StorageFault) -> Int {
        let request = DiskRequest(operation: .read, name: name, detail: "\(target.count) at \(offset)") {
            $0.read(self.node, at: offset, into: target)
        }
        return try disk.call(request, inLife: life)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageFault) -> Int {
        var request = DiskRequest(operation: .write, name: name, detail: "\(bytes.count) at \(offset)") {
            (contents) throws(StorageFault) in
            try contents.write(bytes, at: offset, of: self.node, named: self.name)
        }
        request.performPart = { (contents, generator) throws(StorageFault) in
            let count = Int.random(in: 1...max(1, bytes.count - 1), using: &generator)
            let part = UnsafeRawBufferPointer(rebasing: bytes[..<count])
            return try contents.write(part, at: offset, of: self.node, named: self.name)
        }
        request.leave = { contents, generator in
            let count = Int.random(in: 0...bytes.count, using: &generator)
            let part = UnsafeRawBufferPointer(rebasing: bytes[..<count])
            _ = try? contents.write(part, at: offset, of: self.node, named: self.name)
        }
        return try disk.call(request, inLife: life)
    }

    func allocate(_ byteCount: Int) throws(StorageFault) {
        var request = DiskRequest(operation: .allocate, name: name, detail: "\(byteCount)") {
            (contents) throws(StorageFault) in
            try contents.allocate(byteCount, of: self.node, named: self.name)
        }
        request.leave = { contents, generator in
            let count = Int.random(in: 0...byteCount, using: &generator)
            try? contents.allocate(count, of: self.node, named: self.name)
        }
        try disk.call(request, inLife: life)
    }

    func truncate(to byteCount: Int) throws(StorageFault) {
        let request = DiskRequest(operation: .truncate, name: name, detail: "to \(byteCount)") {
            (contents) throws(StorageFault) in
            try contents.truncate(self.node, to: byteCount, named: self.name)
        }
        try disk.call(request, inLife: life)
    }

    func synchronize() throws(StorageFault) {
        var request = DiskRequest(operation: .synchronize, name: name) { (contents) throws(StorageFault) in
            try contents.synchronize(self.node, named: self.name)
        }
        request.leave = { contents, generator in contents.failToSynchronize(self.node, using: &generator) }
        try disk.call(request, inLife: life)
    }
}
