import CLinux
import Glibc

/// The file of a Unix socket: checked before it is bound, removed after it is closed.
enum UnixSocketPath {
    /// What keeps a path from being listened on; to be told with that path.
    enum Fault: Error, Equatable, CustomStringConvertible {
        case notASocket
        case inUse
        /// - Parameter path: the socket's, or that of its directory.
        case system(path: String, call: String, code: Int32)

        var description: String {
            switch self {
            case .notASocket:
                "what is there is not a socket; remove it, or choose another path"
            case .inUse:
                "another process is listening there, or did as another user; stop it and remove what it left, or choose another path"
            case .system(let path, let call, let code):
                "\(path): \(call): \(String(cString: strerror(code)))\(Self.advice(code))"
            }
        }

        static func advice(_ code: Int32) -> String {
            switch code {
            case ENOENT: "; make the directories above it, of which only the last is made, or choose another path"
            case ENOTDIR: "; what it names as a directory is none: choose another path"
            case EACCES, EPERM, EROFS: "; choose a directory that this user may write"
            default: ""
            }
        }
    }

    private static let mode: mode_t = 0o660

    /// Removes a socket that a dead process left; refuses anything else that stands at `path`.
    static func prepare(_ path: String) throws(Fault) {
        if try !isFree(path) {
            try remove(path)
        }
    }

    /// Whether nothing stands at `path`; false where it is a socket that a dead process left. Refuses anything else, and
    /// changes nothing.
    @discardableResult static func isFree(_ path: String) throws(Fault) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else {
                throw .system(path: path, call: "lstat", code: errno)
            }
            return true
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw .notASocket
        }
        guard try !isAnswered(path) else {
            throw .inUse
        }
        return false
    }

    /// A non-blocking socket that is bound to `path`, with no more rights at any moment than `restrict` leaves it.
    static func bind(_ path: String) throws(Fault) -> Int32 {
        let (descriptor, bound) = try withSocket(path) { descriptor, address, size in
            // Linux gives the file the mode of the unbound socket, less the umask.
            fchmod(descriptor, mode) == 0 && fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0
                && Glibc.bind(descriptor, address, size) == 0
        }
        guard bound else {
            let code = errno
            close(descriptor)
            throw .system(path: path, call: "bind", code: code)
        }
        return descriptor
    }

    /// Owner and group may connect, whatever the umask.
    static func restrict(_ path: String) throws(Fault) {
        guard chmod(path, mode) == 0 else {
            throw .system(path: path, call: "chmod", code: errno)
        }
    }

    static func listen(_ path: String, _ descriptor: Int32, backlog: Int32) throws(Fault) {
        guard Glibc.listen(descriptor, backlog) == 0 else {
            throw .system(path: path, call: "listen", code: errno)
        }
    }

    /// Which file stands at a path. No other gets the same while a socket is bound to it.
    struct Identity: Equatable {
        private let device: dev_t
        private let inode: ino_t

        /// Nil where there is none.
        init?(_ path: String) {
            var status = stat()
            guard lstat(path, &status) == 0 else { return nil }
            device = status.st_dev
            inode = status.st_ino
        }
    }

    static func remove(_ path: String) throws(Fault) {
        guard unlink(path) == 0 || errno == ENOENT else {
            throw .system(path: path, call: "unlink", code: errno)
        }
    }

    private static func isAnswered(_ path: String) throws(Fault) -> Bool {
        let (descriptor, isAnswered) = try withSocket(path) { descriptor, address, size in
            // A listener whose backlog is full lets nobody in, and whoever waits there waits for as long as it hangs.
            fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0
                // Another user's socket: who listens there cannot be asked.
                && (connect(descriptor, address, size) == 0 || errno == EAGAIN || errno == EACCES)
        }
        close(descriptor)
        return isAnswered
    }

    /// A new stream socket, and what `body` makes of it and the address of `path`; `errno` is that of `body`.
    private static func withSocket(
        _ path: String,
        _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool
    ) throws(Fault) -> (descriptor: Int32, result: Bool) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path) - 1
        guard path.utf8.count <= capacity else {
            throw .system(path: path, call: "bind", code: ENAMETOOLONG)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else {
            throw .system(path: path, call: "socket", code: errno)
        }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return (descriptor, result)
    }
}
