import Glibc
import NIOConcurrencyHelpers

@testable import MintmarkStorage

/// A directory in memory, whose files a test can look at and change, and whose operations fail when a test says so.
///
/// Nothing is ever lost here: every write is as good as synced. Safe to share between threads.
final class MemoryDirectory: StorageDirectory {
    /// Decides whether an operation on a file fails; gives the system's number for why.
    typealias Fault = @Sendable (StorageFault.Operation, _ name: String) -> Int32?

    private struct State {
        var files: [String: MemoryFile.Content]
        var fault: Fault?
    }

    private let state: NIOLockedValueBox<State>

    init(_ files: [String: [UInt8]] = [:]) {
        state = NIOLockedValueBox(State(files: files.mapValues(MemoryFile.Content.init)))
    }

    /// All files. Setting replaces every one.
    var files: [String: [UInt8]] {
        get { state.withLockedValue { $0.files.mapValues(\.bytes) } }
        set { state.withLockedValue { $0.files = newValue.mapValues(MemoryFile.Content.init) } }
    }

    /// The bytes of one file; nil: it is not there.
    subscript(_ name: String) -> [UInt8]? {
        get { state.withLockedValue { $0.files[name]?.bytes } }
        set { state.withLockedValue { $0.files[name] = newValue.map(MemoryFile.Content.init) } }
    }

    /// Nil: nothing fails.
    var fault: Fault? {
        get { state.withLockedValue { $0.fault } }
        set { state.withLockedValue { $0.fault = newValue } }
    }

    fileprivate func check(_ operation: StorageFault.Operation, _ name: String) throws(StorageFault) {
        if let code = fault?(operation, name) {
            throw StorageFault(operation, name, code: code)
        }
    }

    /// Whether a file of these bytes, and not merely of equal ones, is there under some name.
    fileprivate func holds(_ content: MemoryFile.Content) -> Bool {
        state.withLockedValue { $0.files.values.contains { $0 === content } }
    }

    func list() throws(StorageFault) -> [String] {
        try check(.list, ".")
        return state.withLockedValue { Array($0.files.keys) }
    }

    func create(_ name: String) throws(StorageFault) -> any StorageFile {
        try check(.create, name)
        let content = state.withLockedValue { state -> MemoryFile.Content? in
            guard state.files[name] == nil else { return nil }
            let content = MemoryFile.Content([])
            state.files[name] = content
            return content
        }
        guard let content else { throw StorageFault(.create, name, code: EEXIST) }
        return MemoryFile(name: name, content, in: self)
    }

    func open(_ name: String) throws(StorageFault) -> any StorageFile {
        try check(.open, name)
        guard let content = state.withLockedValue({ $0.files[name] }) else {
            throw StorageFault(.open, name, code: ENOENT)
        }
        return MemoryFile(name: name, content, in: self)
    }

    func rename(_ name: String, to newName: String) throws(StorageFault) {
        try check(.rename, name)
        try move(name, to: newName, .rename)
    }

    func remove(_ name: String) throws(StorageFault) {
        try check(.remove, name)
        try move(name, to: nil, .remove)
    }

    func synchronize() throws(StorageFault) {
        try check(.synchronizeDirectory, ".")
    }

    private func move(
        _ name: String,
        to newName: String?,
        _ operation: StorageFault.Operation
    ) throws(StorageFault) {
        let isThere = state.withLockedValue { state in
            guard let content = state.files.removeValue(forKey: name) else { return false }
            if let newName {
                state.files[newName] = content
            }
            return true
        }
        guard isThere else { throw StorageFault(operation, name, code: ENOENT) }
    }
}

/// An open file of a ``MemoryDirectory``.
final class MemoryFile: StorageFile {
    /// What the file holds, shared by all who have it open.
    final class Content: Sendable {
        private let box: NIOLockedValueBox<[UInt8]>

        init(_ bytes: [UInt8]) {
            box = NIOLockedValueBox(bytes)
        }

        var bytes: [UInt8] { box.withLockedValue(\.self) }

        func change<Result>(_ body: (inout [UInt8]) -> Result) -> Result {
            box.withLockedValue(body)
        }
    }

    let name: String
    private let content: Content
    private let directory: MemoryDirectory

    init(name: String, _ content: Content, in directory: MemoryDirectory) {
        self.name = name
        self.content = content
        self.directory = directory
    }

    func byteCount() throws(StorageFault) -> Int {
        try directory.check(.stat, name)
        return content.bytes.count
    }

    func isNamed() throws(StorageFault) -> Bool {
        try directory.check(.stat, name)
        return directory.holds(content)
    }

    func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(StorageFault) -> Int {
        try directory.check(.read, name)
        let bytes = content.bytes
        let part = bytes[min(offset, bytes.count)..<min(offset + target.count, bytes.count)]
        target.copyBytes(from: part)
        return part.count
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageFault) -> Int {
        try directory.check(.write, name)
        content.change { content in
            content.extend(to: offset + bytes.count)
            content.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        }
        return bytes.count
    }

    func allocate(_ byteCount: Int) throws(StorageFault) {
        try directory.check(.allocate, name)
        content.change { $0.extend(to: byteCount) }
    }

    func truncate(to byteCount: Int) throws(StorageFault) {
        try directory.check(.truncate, name)
        content.change { content in
            content.extend(to: byteCount)
            content.removeSubrange(byteCount...)
        }
    }

    func synchronize() throws(StorageFault) {
        try directory.check(.synchronize, name)
    }
}

extension [UInt8] {
    fileprivate mutating func extend(to count: Int) {
        if self.count < count {
            // An array, because unoptimised code takes any other sequence element by element: mebibytes of them.
            append(contentsOf: [UInt8](repeating: 0, count: count - self.count))
        }
    }
}
