import MintmarkStorage
import NIOConcurrencyHelpers

/// Passes everything on to a directory: tells about each call beforehand, and makes the mistakes of a ``SeededBug``.
final class WatchedDirectory: StorageDirectory {
    private let directory: any StorageDirectory
    fileprivate let bug: SeededBug?
    private let watcher = NIOLockedValueBox<(@Sendable (StorageFault.Operation, String) -> Void)?>(nil)

    init(_ directory: any StorageDirectory, bug: SeededBug? = nil) {
        self.directory = directory
        self.bug = bug
    }

    /// Registers the one function that is called before each call with its kind and the file's name.
    func watch(_ watcher: @escaping @Sendable (StorageFault.Operation, String) -> Void) {
        self.watcher.withLockedValue { $0 = watcher }
    }

    fileprivate func tell(_ operation: StorageFault.Operation, _ name: String) {
        watcher.withLockedValue { $0 }?(operation, name)
    }

    func list() throws(StorageFault) -> [String] {
        tell(.list, ".")
        return try directory.list()
    }

    func create(_ name: String) throws(StorageFault) -> any StorageFile {
        tell(.create, name)
        return WatchedFile(try directory.create(name), in: self)
    }

    func open(_ name: String) throws(StorageFault) -> any StorageFile {
        tell(.open, name)
        return WatchedFile(try directory.open(name), in: self)
    }

    func rename(_ name: String, to newName: String) throws(StorageFault) {
        tell(.rename, name)
        try directory.rename(name, to: newName)
    }

    func remove(_ name: String) throws(StorageFault) {
        tell(.remove, name)
        try directory.remove(name)
    }

    func synchronize() throws(StorageFault) {
        tell(.synchronizeDirectory, ".")
        guard bug != .noDirectorySync else { return }
        try directory.synchronize()
    }
}

private final class WatchedFile: StorageFile {
    private let file: any StorageFile
    private let directory: WatchedDirectory

    init(_ file: any StorageFile, in directory: WatchedDirectory) {
        self.file = file
        self.directory = directory
    }

    var name: String { file.name }

    func byteCount() throws(StorageFault) -> Int {
        directory.tell(.stat, name)
        return try file.byteCount()
    }

    func isNamed() throws(StorageFault) -> Bool {
        try file.isNamed()
    }

    func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(StorageFault) -> Int {
        directory.tell(.read, name)
        return try file.read(at: offset, into: target)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageFault) -> Int {
        directory.tell(.write, name)
        return try file.write(bytes, at: offset)
    }

    func allocate(_ byteCount: Int) throws(StorageFault) {
        directory.tell(.allocate, name)
        try file.allocate(byteCount)
    }

    func truncate(to byteCount: Int) throws(StorageFault) {
        directory.tell(.truncate, name)
        guard directory.bug != .tailNotCut else { return }
        try file.truncate(to: byteCount)
    }

    func synchronize() throws(StorageFault) {
        directory.tell(.synchronize, name)
        switch directory.bug {
        case .answerBeforeSync:
            return
        case .syncRetried:
            do throws(StorageFault) {
                try file.synchronize()
            } catch {
                try file.synchronize()
            }
        default:
            try file.synchronize()
        }
    }
}
