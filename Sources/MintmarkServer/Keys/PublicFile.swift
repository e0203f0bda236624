import Glibc

/// A file that anybody may read and nobody but root and this process's user may change. Open for as long as the value lives.
struct PublicFile: ~Copyable {
    /// What tells one content from another.
    struct Version: Equatable, Sendable {
        var device: UInt64
        var inode: UInt64
        var byteCount: Int
        var seconds: Int
        var nanoseconds: Int
        /// Of the last change of anything, which nobody can set: neither a clock that is set back nor touch(1).
        var changeSeconds: Int
        var changeNanoseconds: Int
    }

    enum Fault: Error, Equatable {
        case notRegular
        /// It belongs neither to root nor to the user of this process.
        case foreignOwner(UInt32)
        /// Others than its owner can write it.
        case writableByOthers
        case tooLong(max: Int)
        /// It was written while it was read.
        case changing
        case system(call: String, code: Int32)

        var explanation: String {
            switch self {
            case .notRegular: "no regular file"
            case .foreignOwner(let owner): "it belongs to uid \(owner), neither to root nor to the user of this process"
            case .writableByOthers: "others than its owner can write it; run: chmod go-w"
            case .tooLong(let max): "longer than \(max) bytes"
            case .changing: "it is being written"
            case .system(let call, let code): "\(call): \(String(cString: strerror(code)))"
            }
        }
    }

    let version: Version
    private let descriptor: Int32

    /// Opens the file, through links if there are some: what is mounted is exchanged by them.
    init(_ path: String, byteCountMax: Int) throws(Fault) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .system(call: "open", code: errno) }
        do throws(Fault) {
            let status = try Self.status(descriptor)
            guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
            guard status.st_uid == geteuid() || status.st_uid == 0 else { throw .foreignOwner(status.st_uid) }
            guard status.st_mode & 0o022 == 0 else { throw .writableByOthers }
            guard status.st_size <= byteCountMax else { throw .tooLong(max: byteCountMax) }
            version = Version(status)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// All of it.
    func content() throws(Fault) -> [UInt8] {
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: version.byteCount) { target, filled in
            while filled < version.byteCount {
                let count = read(descriptor, target.baseAddress?.advanced(by: filled), version.byteCount - filled)
                if count < 0, errno == EINTR { continue }
                if count < 0 { code = errno }
                guard count > 0 else { break }
                filled += count
            }
        }
        guard code == 0 else { throw .system(call: "read", code: code) }
        let after = Version(try Self.status(descriptor))
        guard bytes.count == version.byteCount, after == version else { throw .changing }
        return bytes
    }

    private static func status(_ descriptor: Int32) throws(Fault) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(call: "fstat", code: errno) }
        return status
    }
}

extension PublicFile.Version {
    fileprivate init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        byteCount = status.st_size
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
        changeSeconds = status.st_ctim.tv_sec
        changeNanoseconds = status.st_ctim.tv_nsec
    }
}
