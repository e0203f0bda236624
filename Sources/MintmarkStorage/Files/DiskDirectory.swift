import Glibc

/// A real directory.
///
/// Immutable; safe to share between threads. Holds the directory open, so that renaming it outside changes nothing.
package final class DiskDirectory: StorageDirectory {
    package let path: String
    private let descriptor: Int32
    private let isReadOnly: Bool

    /// - Parameters:
    ///   - descriptor: of the directory; closed with this object.
    ///   - isReadOnly: files are opened for reading only, and whatever would change something fails with `EROFS`. So it
    ///     works where nothing can be changed.
    init(path: String, owning descriptor: Int32, isReadOnly: Bool = false) {
        self.path = path
        self.descriptor = descriptor
        self.isReadOnly = isReadOnly
    }

    deinit {
        close(descriptor)
    }

    package func list() throws(StorageFault) -> [String] {
        // A stream of its own: reading moves the position of what it was opened with.
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else {
            let code = errno
            if copy >= 0 { close(copy) }
            throw StorageFault(.list, ".", code: code)
        }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." {
                names.append(name)
            }
        }
        guard errno == 0 else {
            throw StorageFault(.list, ".", code: errno)
        }
        return names
    }

    package func create(_ name: String) throws(StorageFault) -> any StorageFile {
        try checkChangeable(.create, name)
        let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = openat(descriptor, name, flags, 0o600)
        guard file >= 0 else {
            throw StorageFault(.create, name, code: errno)
        }
        return DiskFile(name: name, owning: file)
    }

    package func open(_ name: String) throws(StorageFault) -> any StorageFile {
        // Without O_NONBLOCK a named pipe would wait for somebody at its other end.
        let access = isReadOnly ? O_RDONLY : O_RDWR
        let file = openat(descriptor, name, access | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            throw StorageFault(.open, name, code: errno)
        }
        let opened = DiskFile(name: name, owning: file)
        let kind = try opened.kind()
        guard kind == S_IFREG else {
            // For a directory, what opening it for writing gives.
            throw StorageFault(.open, name, code: kind == S_IFDIR ? EISDIR : EINVAL)
        }
        return opened
    }

    package func rename(_ name: String, to newName: String) throws(StorageFault) {
        try checkChangeable(.rename, name)
        guard renameat(descriptor, name, descriptor, newName) == 0 else {
            throw StorageFault(.rename, name, code: errno)
        }
    }

    package func remove(_ name: String) throws(StorageFault) {
        try checkChangeable(.remove, name)
        guard unlinkat(descriptor, name, 0) == 0 else {
            throw StorageFault(.remove, name, code: errno)
        }
    }

    package func synchronize() throws(StorageFault) {
        guard fsync(descriptor) == 0 else {
            throw StorageFault(.synchronizeDirectory, ".", code: errno)
        }
    }

    /// A descriptor of a file, or −1 with `errno`; the caller closes it.
    func openDescriptor(_ name: String, _ flags: Int32) -> Int32 {
        openat(descriptor, name, flags)
    }

    private func checkChangeable(_ operation: StorageFault.Operation, _ name: String) throws(StorageFault) {
        guard !isReadOnly else {
            throw StorageFault(operation, name, code: EROFS)
        }
    }
}

extension DiskDirectory: KeepingDirectory {
    package func createDirectory(_ name: String) throws(StorageFault) {
        try checkChangeable(.create, name)
        guard mkdirat(descriptor, name, 0o700) == 0 else {
            throw StorageFault(.create, name, code: errno)
        }
    }

    package func keep(_ names: [String], in directory: String) throws(StorageFault) {
        try checkChangeable(.create, directory)
        let target = openat(descriptor, directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard target >= 0 else {
            throw StorageFault(.open, directory, code: errno)
        }
        defer { close(target) }
        for name in names {
            guard linkat(descriptor, name, target, name, 0) == 0 else {
                throw StorageFault(.create, "\(directory)/\(name)", code: errno)
            }
        }
        guard fsync(target) == 0 else {
            throw StorageFault(.synchronizeDirectory, directory, code: errno)
        }
    }
}

/// A file of a real directory. Immutable but for what the system keeps.
final class DiskFile: StorageFile {
    let name: String
    private let descriptor: Int32

    init(name: String, owning descriptor: Int32) {
        self.name = name
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    func byteCount() throws(StorageFault) -> Int {
        try status().st_size
    }

    func isNamed() throws(StorageFault) -> Bool {
        try status().st_nlink > 0
    }

    /// What it is, as `st_mode` tells.
    func kind() throws(StorageFault) -> mode_t {
        try status().st_mode & S_IFMT
    }

    func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(StorageFault) -> Int {
        var filled = 0
        while filled < target.count {
            let count = pread(
                descriptor,
                target.baseAddress?.advanced(by: filled),
                target.count - filled,
                offset + filled
            )
            if count < 0, errno == EINTR {
                continue
            }
            guard count >= 0 else {
                throw StorageFault(.read, name, code: errno)
            }
            guard count > 0 else { break }
            filled += count
        }
        return filled
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageFault) -> Int {
        while true {
            let count = pwrite(descriptor, bytes.baseAddress, bytes.count, offset)
            if count < 0, errno == EINTR {
                continue
            }
            guard count > 0 else {
                throw StorageFault(.write, name, code: count == 0 ? EIO : errno)
            }
            return count
        }
    }

    func allocate(_ byteCount: Int) throws(StorageFault) {
        // Tells by its result, not by errno.
        let code = posix_fallocate(descriptor, 0, byteCount)
        guard code == 0 else {
            throw StorageFault(.allocate, name, code: code)
        }
    }

    func truncate(to byteCount: Int) throws(StorageFault) {
        guard ftruncate(descriptor, byteCount) == 0 else {
            throw StorageFault(.truncate, name, code: errno)
        }
    }

    func synchronize() throws(StorageFault) {
        guard fdatasync(descriptor) == 0 else {
            throw StorageFault(.synchronize, name, code: errno)
        }
    }

    private func status() throws(StorageFault) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw StorageFault(.stat, name, code: errno)
        }
        return status
    }
}
