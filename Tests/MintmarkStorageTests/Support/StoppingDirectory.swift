import Glibc
import NIOConcurrencyHelpers

@testable import MintmarkStorage

/// A directory whose disk stops at the Nth operation that would change something: that one and all behind it fail, and
/// change nothing.
final class StoppingDirectory: KeepingDirectory {
    private let directory: DiskDirectory
    private let count = NIOLockedValueBox(0)
    /// Operations before this one work.
    private let stop: Int

    init(_ directory: DiskDirectory, at stop: Int) {
        self.directory = directory
        self.stop = stop
    }

    /// How many operations were asked for that would change something.
    var operationCount: Int { count.withLockedValue(\.self) }

    fileprivate func step(_ operation: StorageFault.Operation, _ name: String) throws(StorageFault) {
        let number = count.withLockedValue { count in
            count += 1
            return count - 1
        }
        guard number < stop else { throw StorageFault(operation, name, code: EIO) }
    }

    func list() throws(StorageFault) -> [String] {
        try directory.list()
    }

    func create(_ name: String) throws(StorageFault) -> any StorageFile {
        try step(.create, name)
        return StoppingFile(try directory.create(name), in: self)
    }

    func open(_ name: String) throws(StorageFault) -> any StorageFile {
        StoppingFile(try directory.open(name), in: self)
    }

    func rename(_ name: String, to newName: String) throws(StorageFault) {
        try step(.rename, name)
        try directory.rename(name, to: newName)
    }

    func remove(_ name: String) throws(StorageFault) {
        try step(.remove, name)
        try directory.remove(name)
    }

    func synchronize() throws(StorageFault) {
        try step(.synchronizeDirectory, ".")
        try directory.synchronize()
    }

    func createDirectory(_ name: String) throws(StorageFault) {
        try step(.create, name)
        try directory.createDirectory(name)
    }

    func keep(_ names: [String], in directory: String) throws(StorageFault) {
        for name in names {
            try step(.create, name)
            try self.directory.keep([name], in: directory)
        }
    }
}

private final class StoppingFile: StorageFile {
    private let file: any StorageFile
    private let directory: StoppingDirectory

    init(_ file: any StorageFile, in directory: StoppingDirectory) {
        self.file = file
        self.directory = directory
    }

    var name: String { file.name }

    func byteCount() throws(StorageFault) -> Int {
        try file.byteCount()
    }

    func isNamed() throws(StorageFault) -> Bool {
        try file.isNamed()
    }

    func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(StorageFault) -> Int {
        try file.read(at: offset, into: target)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageFault) -> Int {
        try directory.step(.write, name)
        return try file.write(bytes, at: offset)
    }

    func allocate(_ byteCount: Int) throws(StorageFault) {
        try directory.step(.allocate, name)
        try file.allocate(byteCount)
    }

    func truncate(to byteCount: Int) throws(StorageFault) {
        try directory.step(.truncate, name)
        try file.truncate(to: byteCount)
    }

    func synchronize() throws(StorageFault) {
        try directory.step(.synchronize, name)
        try file.synchronize()
    }
}
