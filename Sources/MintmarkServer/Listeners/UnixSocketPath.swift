import Glibc

/// The file of a Unix socket: checked before it is bound, removed after it is closed.
enum UnixSocketPath {
    enum Fault: Error, Equatable, CustomStringConvertible {
        case notASocket(path: String)
        case inUse(path: String)
        case system(path: String, call: String, code: Int32)

        var description: String {
            switch self {
            case .notASocket(let path):
                "\(path) exists and is not a socket"
            case .inUse(let path):
                "\(path): another process is listening there"
            case .system(let path, let call, let code):
                "\(path): \(call): \(String(cString: strerror(code)))"
            }
        }
    }

    /// Removes a socket that a dead process left; refuses anything else that stands at `path`.
    static func prepare(_ path: String) throws(Fault) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else {
                throw .system(path: path, call: "lstat", code: errno)
            }
            return
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw .notASocket(path: path)
        }
        guard try !isAnswered(path) else {
            throw .inUse(path: path)
        }
        try remove(path)
    }

    /// Owner and group may connect.
    static func restrict(_ path: String) throws(Fault) {
        guard chmod(path, 0o660) == 0 else {
            throw .system(path: path, call: "chmod", code: errno)
        }
    }

    static func remove(_ path: String) throws(Fault) {
        guard unlink(path) == 0 || errno == ENOENT else {
            throw .system(path: path, call: "unlink", code: errno)
        }
    }

    private static func isAnswered(_ path: String) throws(Fault) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else {
            throw .system(path: path, call: "socket", code: errno)
        }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path) - 1
        guard path.utf8.count <= capacity else {
            throw .system(path: path, call: "bind", code: ENAMETOOLONG)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return result == 0 || errno == EAGAIN
    }
}
