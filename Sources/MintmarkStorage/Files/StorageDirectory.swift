/// The file operations that storage is made of, inside one directory. Names have no slashes.
///
/// Everything that storage does to a disk goes through here and through ``StorageFile``, so that a simulated disk can
/// stand in for a real one. Calls block; they are made from threads that may wait, one at a time for each file.
package protocol StorageDirectory: Sendable {
    /// The names of all files, in no particular order.
    func list() throws(StorageFault) -> [String]

    /// Creates a file that is not there yet, readable and writable for this user only.
    func create(_ name: String) throws(StorageFault) -> any StorageFile

    /// Opens a regular file that is there, for reading and writing. Follows no link.
    func open(_ name: String) throws(StorageFault) -> any StorageFile

    /// Gives a file another name, replacing what has it. Durable after ``synchronize()``.
    func rename(_ name: String, to newName: String) throws(StorageFault)

    /// Removes a file. Durable after ``synchronize()``.
    func remove(_ name: String) throws(StorageFault)

    /// Makes the names in the directory durable.
    func synchronize() throws(StorageFault)
}

/// A directory that can keep files of it in another one inside, whatever becomes of them afterwards.
package protocol KeepingDirectory: StorageDirectory {
    /// Makes a directory, for this user only. Durable after ``synchronize()``.
    func createDirectory(_ name: String) throws(StorageFault)

    /// Gives files a second name, the same one inside `directory`, durably. What is renamed or removed here later is
    /// still there; what is written into, is written into there, too.
    func keep(_ names: [String], in directory: String) throws(StorageFault)
}

/// An open file. Closed when the last reference to it goes.
package protocol StorageFile: AnyObject, Sendable {
    var name: String { get }

    /// The length in bytes.
    func byteCount() throws(StorageFault) -> Int

    /// Whether it has a name still. What is written to a file without one is gone with the process.
    func isNamed() throws(StorageFault) -> Bool

    /// Reads from `offset` on until `target` is full or the file ends; gives the number of bytes read.
    func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(StorageFault) -> Int

    /// Writes at `offset`, extending the file where needed. Gives how much was written, which may be less than asked
    /// for and is at least one byte.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageFault) -> Int

    /// Makes room on the disk for the first `byteCount` bytes and extends the file to them with zeros, so that writing
    /// there cannot fail for want of space.
    func allocate(_ byteCount: Int) throws(StorageFault)

    /// Cuts the file to `byteCount` bytes.
    func truncate(to byteCount: Int) throws(StorageFault)

    /// Makes content and length durable. After it has failed, nothing is known of what was written since the last that
    /// worked, and a call that works later proves nothing.
    func synchronize() throws(StorageFault)
}

/// A file operation that failed: which, on what, and the system's number for it.
package struct StorageFault: Error, Equatable, Sendable {
    package enum Operation: String, CaseIterable, Sendable {
        case list, create, open, rename, remove, stat, read, write, allocate, truncate, synchronize
        case synchronizeDirectory = "synchronize directory"
    }

    package let operation: Operation
    /// The file's name; `.` for the directory.
    package let name: String
    /// As `errno` tells.
    package let code: Int32

    package init(_ operation: Operation, _ name: String, code: Int32) {
        self.operation = operation
        self.name = name
        self.code = code
    }
}
