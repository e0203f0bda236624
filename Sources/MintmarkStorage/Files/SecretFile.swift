import Glibc
package import MintmarkCrypto

/// Reads and creates files that hold secrets, refusing what would leak them.
///
/// A secret file is a regular file of root or this process's user that nobody else can read. A link is followed where
/// nobody else can have put it there: see ``LinkedPath``.
package enum SecretFile {
    package static let bytesMax = 64 * 1024

    /// Why a secret file cannot be used; the text says what to do about it.
    package enum Fault: Error, Equatable, CustomStringConvertible {
        case missing(path: String)
        /// A link that somebody else could have made, or could turn elsewhere.
        case unsafeLink(path: String, reason: String)
        case notRegular(path: String)
        case foreignOwner(path: String, owner: UInt32)
        case readableByOthers(path: String, mode: UInt32)
        case size(path: String, bytes: Int, max: Int)
        case system(path: String, call: String, code: Int32)

        package var description: String {
            switch self {
            case .missing(let path):
                "\(path): no such file"
            case .notRegular(let path):
                "\(path) is no regular file"
            case .unsafeLink(let path, let reason):
                "\(path) is a link that is not followed: \(reason)"
            case .foreignOwner(let path, let owner):
                ForeignOwner.words(path, owner: owner)
            case .readableByOthers(let path, let mode):
                "\(path) is open to others (mode \(String(mode, radix: 8))); run: chmod 600 \(ShellText.quoted(path))"
            case .size(let path, let bytes, let max):
                bytes == 0 ? "\(path) is empty" : "\(path) has \(bytes) bytes; at most \(max) are expected"
            case .system(let path, let call, let code):
                "\(path): \(call): \(String(cString: strerror(code)))"
            }
        }
    }

    /// Reads the file straight into guarded memory.
    package static func read(_ path: String) throws(Fault) -> SecretBytes {
        try read(path, opening: { open(path, $0) })
    }

    /// The same of a file that `open` opens with the flags it is given, as open(2) does.
    static func read(_ path: String, opening open: (Int32) -> Int32) throws(Fault) -> SecretBytes {
        let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        var descriptor = open(flags)
        if descriptor < 0, errno == ELOOP {
            descriptor = Glibc.open(try LinkedPath.resolve(path), flags)
        }
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT: throw .missing(path: path)
            // A link took the place of what it led to.
            case ELOOP: throw .unsafeLink(path: path, reason: "it changes")
            default: throw .system(path: path, call: "open", code: errno)
            }
        }
        defer { close(descriptor) }
        let count = try checkedSize(of: descriptor, path: path)
        return try SecretBytes(count: count) { (region) throws(Fault) in
            try fill(region, from: descriptor, path: path)
        }
    }

    /// Creates the file with these bytes, durably, without ever replacing one; returns false if there is one.
    package static func create(_ path: String, _ secret: SecretBytes) throws(Fault) -> Bool {
        let temporary = "\(path).\(getpid()).new"
        // The data directory is locked: what stands there was left by a process that died, in a container with this id.
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .system(path: temporary, call: "open", code: errno)
        }
        defer {
            close(descriptor)
            unlink(temporary)
        }
        try secret.withBytes { (bytes) throws(Fault) in
            try store(bytes, to: descriptor, path: temporary)
        }
        guard link(temporary, path) == 0 else {
            guard errno == EEXIST else {
                throw .system(path: path, call: "link", code: errno)
            }
            return false
        }
        try DataDirectory.synchronize(directoryOf: path)
        return true
    }

    private static func checkedSize(of descriptor: Int32, path: String) throws(Fault) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .system(path: path, call: "fstat", code: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .notRegular(path: path)
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw .foreignOwner(path: path, owner: status.st_uid)
        }
        guard status.st_mode & forbiddenMode(status) == 0 else {
            throw .readableByOthers(path: path, mode: status.st_mode & 0o7777)
        }
        guard (1...bytesMax).contains(status.st_size) else {
            throw .size(path: path, bytes: status.st_size, max: bytesMax)
        }
        return status.st_size
    }

    /// The bits that would let somebody else in.
    ///
    /// What systemd and Kubernetes hand to a service belongs to root, and the service's group, or an access control list
    /// that shows as the group's bits, lets it read: there is no other way for it to.
    private static func forbiddenMode(_ status: stat) -> mode_t {
        let isHandedOver = status.st_uid == 0 && geteuid() != 0
        return isHandedOver ? 0o037 : 0o077
    }

    private static func fill(
        _ region: UnsafeMutableRawBufferPointer,
        from descriptor: Int32,
        path: String
    ) throws(Fault) {
        var filled = 0
        while filled < region.count {
            let count = Glibc.read(descriptor, region.baseAddress?.advanced(by: filled), region.count - filled)
            if count < 0, errno == EINTR {
                continue
            }
            guard count > 0 else {
                throw .system(path: path, call: "read", code: count == 0 ? EIO : errno)
            }
            filled += count
        }
    }

    private static func store(_ bytes: RawSpan, to descriptor: Int32, path: String) throws(Fault) {
        var stored = 0
        while stored < bytes.byteCount {
            let count = bytes.withUnsafeBytes { bytes in
                write(descriptor, bytes.baseAddress?.advanced(by: stored), bytes.count - stored)
            }
            if count < 0, errno == EINTR {
                continue
            }
            guard count > 0 else {
                throw .system(path: path, call: "write", code: errno)
            }
            stored += count
        }
        guard fsync(descriptor) == 0 else {
            throw .system(path: path, call: "fsync", code: errno)
        }
    }
}
