import Glibc

/// A real directory.
///
/// Immutable; safe to share between threads. Holds the directory open, so that renaming it outside changes nothing.
package final class DiskDirectory: StorageDirectory {
    package let path: String
    private let descriptor: Int32

    /// - Parameter descriptor: of the directory; closed with this object.
    init(path: String, owning descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
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
        let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = openat(descriptor, name, flags, 0o600)
        guard file >= 0 else {
            throw StorageFault(.create, name, code: errno)
        }
        return DiskFile(name: name, owning: file)
    }

    package func open(_ name: String) throws(StorageFault) -> any StorageFile {
        // Without O_NONBLOCK a named pipe would wait for somebody at its other end.
        let file = openat(descriptor, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            throw StorageFault(.open, name, code: errno)
        }
        let opened = DiskFile(name: name, owning: file)
        guard try opened.isRegular() else {
            throw StorageFault(.open, name, code: EINVAL)
        }
        return opened
    }

    package func rename(_ name: String, to newName: String) throws(StorageFault) {
        guard renameat(descriptor, name, descriptor, newName) == 0 else {
            throw StorageFault(.rename, name, code: errno)
        }
    }

    package func remove(_ name: String) throws(StorageFault) {
        guard unlinkat(descriptor, name, 0) == 0 else {
            throw StorageFault(.remove, name, code: errno)
        }
    }

    package func synchronize() throws(StorageFault) {
        guard fsync(descriptor) == 0 else {
            throw StorageFault(.synchronizeDirectory, ".", code: errno)
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

    func isRegular() throws(StorageFault) -> Bool {
        try status().st_mode & S_IFMT == S_IFREG
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
