import Glibc
import MintmarkStorage

/// Where audit lines go.
protocol AuditSink: Sendable {
    /// Appends what fits; returns how many of the bytes that are, at least one.
    func append(_ bytes: RawSpan) throws(AuditFault) -> Int

    /// Has the disk keep what was appended.
    func synchronize() throws(AuditFault)

    /// Whether anybody can still find what is appended: false when the file was deleted.
    var isLinked: Bool { get }
}

/// Why an audit log cannot be opened or written; the text says what to do about it.
enum AuditFault: Error, Equatable, CustomStringConvertible {
    case notRegular(path: String)
    /// It is to be made in a directory that is not there.
    case directoryMissing(path: String, directory: String)
    case foreignOwner(path: String, owner: UInt32)
    case openToOthers(path: String, mode: UInt32)
    case system(path: String, call: String, code: Int32)

    var description: String {
        switch self {
        case .notRegular(let path):
            "\(path) is a link or no regular file"
        case .directoryMissing(let path, let directory):
            "\(path): the directory \(directory) is missing; make it, so that the user of this process can write there, or "
                + "name another file"
        case .foreignOwner(let path, let owner):
            ForeignOwner.words(path, owner: owner)
        case .openToOthers(let path, let mode):
            "\(path) can be changed by others (mode \(String(mode, radix: 8))); run: chmod go-w \(path)"
        case .system(let path, let call, let code):
            "\(path): \(call): \(String(cString: strerror(code)))"
        }
    }
}

/// The file of the audit log, open for appending and nothing else. Used by one thread at a time.
///
/// A regular file of this process's user that nobody else can change, reached without following a link; made with mode
/// 0600 where there is none.
final class AuditFile: AuditSink {
    private let path: String
    private let descriptor: Int32

    init(path: String) throws(AuditFault) {
        self.path = path
        // Never waits, whatever stands there: a pipe without a reader would block for ever.
        let flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        descriptor = open(path, flags, 0o600)
        guard descriptor >= 0 else {
            let code = errno
            guard code != ELOOP else { throw .notRegular(path: path) }
            if code == ENOENT, let directory = Self.missingDirectory(of: path) {
                throw .directoryMissing(path: path, directory: directory)
            }
            throw .system(path: path, call: "open", code: code)
        }
        // What is thrown from here on ends the whole object, and `deinit` closes.
        try endTornLine(try checkedSize())
    }

    deinit {
        close(descriptor)
    }

    /// The directory that the path names, if nothing is there.
    private static func missingDirectory(of path: String) -> String? {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return nil }
        let directory = String(path[..<slash])
        return access(directory, F_OK) != 0 && errno == ENOENT ? directory : nil
    }

    func append(_ bytes: RawSpan) throws(AuditFault) -> Int {
        while true {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                return count
            }
            guard count < 0, errno == EINTR else {
                throw .system(path: path, call: "write", code: count == 0 ? ENOSPC : errno)
            }
        }
    }

    func synchronize() throws(AuditFault) {
        guard fdatasync(descriptor) == 0 else {
            throw .system(path: path, call: "fdatasync", code: errno)
        }
    }

    var isLinked: Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_nlink > 0
    }

    private func checkedSize() throws(AuditFault) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .system(path: path, call: "fstat", code: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .notRegular(path: path)
        }
        guard status.st_uid == geteuid() else {
            throw .foreignOwner(path: path, owner: status.st_uid)
        }
        guard status.st_mode & 0o022 == 0 else {
            throw .openToOthers(path: path, mode: status.st_mode & 0o7777)
        }
        return status.st_size
    }

    /// What a process that died has left of a line must not run into the next one.
    private func endTornLine(_ byteCount: Int) throws(AuditFault) {
        guard byteCount > 0 else {
            return
        }
        var last: UInt8 = 0
        guard pread(descriptor, &last, 1, byteCount - 1) == 1 else {
            throw .system(path: path, call: "read", code: errno)
        }
        if last != UInt8(ascii: "\n") {
            let newline: [UInt8] = [UInt8(ascii: "\n")]
            _ = try append(newline.span.bytes)
        }
    }
}
