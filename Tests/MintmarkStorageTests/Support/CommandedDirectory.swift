import NIOConcurrencyHelpers

@testable import MintmarkStorage

/// A directory whose calls wait or fail when a test says so, and otherwise do what those of another one do.
///
/// Shared between threads.
final class CommandedDirectory: StorageDirectory {
    typealias Choice = @Sendable (StorageFault.Operation, _ name: String) -> Bool

    private struct State {
        var failing: (code: Int32, Choice)?
        var held: Choice?
    }

    private let directory: any StorageDirectory
    private let state = NIOLockedValueBox(State())
    /// True while nothing is held.
    private let gate = ConditionLock(value: true)
    private let heldCalls: AsyncStream<String>
    private let told: AsyncStream<String>.Continuation

    init(_ directory: any StorageDirectory) {
        self.directory = directory
        (heldCalls, told) = AsyncStream.makeStream(of: String.self)
    }

    /// From now on these calls fail, before they do anything.
    func fail(_ code: Int32, _ choice: @escaping Choice) {
        state.withLockedValue { $0.failing = (code, choice) }
    }

    /// From now on nothing fails.
    func heal() {
        state.withLockedValue { $0.failing = nil }
    }

    /// From now on these calls wait, before they fail or do anything.
    func hold(_ choice: @escaping Choice) {
        state.withLockedValue { $0.held = choice }
        gate.lock()
        gate.unlock(withValue: false)
    }

    /// Whatever waits goes on, and nothing waits any more.
    func letGo() {
        state.withLockedValue { $0.held = nil }
        gate.lock()
        gate.unlock(withValue: true)
    }

    /// Returns when a call waits.
    func holdBegan() async {
        for await _ in heldCalls {
            return
        }
    }

    fileprivate func pass(_ operation: StorageFault.Operation, _ name: String) throws(StorageFault) {
        if state.withLockedValue(\.held)?(operation, name) == true {
            told.yield(name)
            gate.lock(whenValue: true)
            gate.unlock()
        }
        if let (code, choice) = state.withLockedValue(\.failing), choice(operation, name) {
            throw StorageFault(operation, name, code: code)
        }
    }

    func list() throws(StorageFault) -> [String] {
        try pass(.list, ".")
        return try directory.list()
    }

    func create(_ name: String) throws(StorageFault) -> any StorageFile {
        try pass(.create, name)
        return CommandedFile(try directory.create(name), in: self)
    }

    func open(_ name: String) throws(StorageFault) -> any StorageFile {
        try pass(.open, name)
        return CommandedFile(try directory.open(name), in: self)
    }

    func rename(_ name: String, to newName: String) throws(StorageFault) {
        try pass(.rename, name)
        try directory.rename(name, to: newName)
    }

    func remove(_ name: String) throws(StorageFault) {
        try pass(.remove, name)
        try directory.remove(name)
    }

    func synchronize() throws(StorageFault) {
        try pass(.synchronizeDirectory, ".")
        try directory.synchronize()
    }
}

private final class CommandedFile: StorageFile {
    private let file: any StorageFile
    private let directory: CommandedDirectory

    init(_ file: any StorageFile, in directory: CommandedDirectory) {
        self.file = file
        self.directory = directory
    }

    var name: String { file.name }

    func byteCount() throws(StorageFault) -> Int {
        try directory.pass(.stat, name)
        return try file.byteCount()
    }

    func isNamed() throws(StorageFault) -> Bool {
        try directory.pass(.stat, name)
        return try file.isNamed()
    }

    func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(StorageFault) -> Int {
        try directory.pass(.read, name)
        return try file.read(at: offset, into: target)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageFault) -> Int {
        try directory.pass(.write, name)
        return try file.write(bytes, at: offset)
    }

    func allocate(_ byteCount: Int) throws(StorageFault) {
        try directory.pass(.allocate, name)
        try file.allocate(byteCount)
    }

    func truncate(to byteCount: Int) throws(StorageFault) {
        try directory.pass(.truncate, name)
        try file.truncate(to: byteCount)
    }

    func synchronize() throws(StorageFault) {
        try directory.pass(.synchronize, name)
        try file.synchronize()
    }
}
