import Glibc

/// The directory of everything the daemon keeps: 0700, its own, and locked against a second daemon.
package struct DataDirectory: ~Copyable {
    package enum Fault: Error, Equatable, CustomStringConvertible {
        case notADirectory(path: String)
        case foreignOwner(path: String, owner: UInt32)
        case openToOthers(path: String, mode: UInt32)
        /// - Parameter holder: the process that holds it; nil where that is not known.
        case inUse(path: String, holder: Int32?)
        case system(path: String, call: String, code: Int32)

        package var description: String {
            switch self {
            case .notADirectory(let path):
                "\(path) is a link or no directory; name a directory itself"
            case .foreignOwner(let path, let owner):
                ForeignOwner.words(path, owner: owner)
            case .openToOthers(let path, let mode):
                "\(path) is open to others (mode \(String(mode, radix: 8))); name a directory of its own"
                    // Where everybody may make files, as in /tmp, it is not the daemon's.
                    + (mode & S_ISVTX == 0 ? ", or if this is one run: chmod 700 \(ShellText.quoted(path))" : "")
            case .inUse(let path, let holder):
                "\(path) is in use by another mintmarkd\(holder.map { ", process \($0)" } ?? ""); stop it first"
            case .system(let path, "mkdir", EACCES), .system(let path, "open", EACCES):
                "\(path) cannot be opened or made: the user of this process lacks the rights to it, or to what is above it; "
                    + "give them, or name another directory"
            case .system(let path, "mkdir", ENOTDIR):
                "\(path) cannot be made: what is above it is no directory; name another directory"
            case .system(let path, "access", EACCES):
                "\(path) cannot be written by the user of this process; run: chmod 700 \(ShellText.quoted(path))"
            case .system(let path, let call, let code):
                "\(path): \(call): \(String(cString: strerror(code)))"
            }
        }
    }

    package let path: String
    private let descriptor: Int32

    /// Whether nothing is at the path, or a directory with nothing in it.
    package static func isAbsentOrEmpty(_ path: String) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else { return true }
        return (try? inspect(path).disk.list())?.isEmpty ?? false
    }

    /// Creates the directory, with the ones above it, where it is missing; checks and locks it.
    package init(path: String, pause: () -> Void = Self.pause) throws(Fault) {
        try Self.createMissing(path)
        try self.init(existing: path, pause: pause)
    }

    /// Checks and locks a directory that is there.
    ///
    /// - Parameter pause: Waits a moment for whoever only looks at it. Called a few times at most.
    package init(existing path: String, pause: () -> Void = Self.pause) throws(Fault) {
        let descriptor = try Self.open(path)
        do throws(Fault) {
            try Self.check(descriptor, path: path)
            try Self.lock(descriptor, path: path, pause)
        } catch {
            close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// The directory for file operations. The lock is held until it is gone, too.
    package func disk() throws(Fault) -> DiskDirectory {
        // A copy of the descriptor shares its lock.
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else {
            throw .system(path: path, call: "fcntl", code: errno)
        }
        return DiskDirectory(path: path, owning: copy)
    }

    /// Opens a directory to look at it, wherever it is and whoever owns it. Nothing in it can be changed, and no daemon is
    /// kept from starting on it: whether one has started meanwhile is for the caller to ask once more.
    package static func inspect(_ path: String) throws(Fault) -> (disk: DiskDirectory, isInUse: Bool) {
        let descriptor = try open(path)
        // Shared, so that two that look do not take each other for a daemon; and given back at once.
        let isLocked = flock(descriptor, LOCK_SH | LOCK_NB) == 0
        let isInUse = !isLocked && errno == EWOULDBLOCK
        flock(descriptor, LOCK_UN)
        return (DiskDirectory(path: path, owning: descriptor, isReadOnly: true), isInUse)
    }

    private static func open(_ path: String) throws(Fault) -> Int32 {
        // A slash behind its name makes the system follow a link all the same.
        var name = path
        while name.count > 1, name.hasSuffix("/") || name.hasSuffix("/.") {
            name.removeLast()
        }
        let descriptor = Glibc.open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno != ENOTDIR, errno != ELOOP else {
                throw .notADirectory(path: path)
            }
            throw .system(path: path, call: "open", code: errno)
        }
        return descriptor
    }

    /// Makes the names in the file's directory durable.
    static func synchronize(directoryOf file: String) throws(SecretFile.Fault) {
        let directory = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
        let descriptor = Glibc.open(directory.isEmpty ? "/" : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .system(path: directory, call: "open", code: errno)
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw .system(path: directory, call: "fsync", code: errno)
        }
    }

    /// - Parameter synchronize: makes the names in a directory durable; called for each that got a new one.
    static func createMissing(
        _ path: String,
        synchronize: (String) throws(Fault) -> Void = Self.synchronize(directory:)
    ) throws(Fault) {
        var prefix = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            let parent = prefix.isEmpty ? "/" : prefix
            prefix += "/\(part)"
            if mkdir(prefix, 0o700) == 0 {
                try synchronize(parent)
            } else if errno != EEXIST {
                throw .system(path: prefix, call: "mkdir", code: errno)
            }
        }
    }

    private static func synchronize(directory: String) throws(Fault) {
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .system(path: directory, call: "open", code: errno)
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw .system(path: directory, call: "fsync", code: errno)
        }
    }

    private static func check(_ descriptor: Int32, path: String) throws(Fault) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .system(path: path, call: "fstat", code: errno)
        }
        guard status.st_uid == geteuid() else {
            throw .foreignOwner(path: path, owner: status.st_uid)
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .openToOthers(path: path, mode: status.st_mode & 0o7777)
        }
        guard faccessat(descriptor, ".", W_OK | X_OK, AT_EACCESS) == 0 else {
            throw .system(path: path, call: "access", code: errno)
        }
    }

    private static func lock(_ descriptor: Int32, path: String, _ pause: () -> Void) throws(Fault) {
        for attempt in 1...lockAttemptCount {
            guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return }
            guard errno == EWOULDBLOCK else {
                throw .system(path: path, call: "flock", code: errno)
            }
            if attempt < lockAttemptCount {
                pause()
            }
        }
        throw .inUse(path: path, holder: LockHolder.process(of: descriptor))
    }

    /// Whoever only looks holds the lock for a moment; a daemon holds it for as long as it lives.
    private static let lockAttemptCount = 10

    /// The pause between two attempts at the lock: 10 ms.
    package static func pause() { usleep(10_000) }
}
