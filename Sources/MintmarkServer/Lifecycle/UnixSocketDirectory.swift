import Glibc

/// The directory of the Unix socket. Who could write it could put another socket in the place of the server's.
enum UnixSocketDirectory {
    enum Fault: Error, Equatable, CustomStringConvertible {
        case foreignOwner(path: String, owner: UInt32)
        case writableByOthers(path: String, mode: UInt32)
        case system(path: String, call: String, code: Int32)

        var description: String {
            switch self {
            case .foreignOwner(let path, let owner):
                "\(path) belongs to uid \(owner), neither to root nor to the user of this process; choose another directory"
            case .writableByOthers(let path, let mode):
                "others can write \(path) (mode \(String(mode, radix: 8))); run: chmod go-w \(path)"
            case .system(let path, let call, let code):
                "\(path): \(call): \(String(cString: strerror(code)))\(UnixSocketPath.Fault.advice(code))"
            }
        }
    }

    /// Of a directory that is made: the group may come in, as it may connect.
    static let mode: mode_t = 0o750

    /// Makes the directory of the socket at `socketPath` where there is none, and refuses one that others can write. A
    /// sticky one is accepted: there others can remove nothing that is not theirs.
    static func prepare(socketPath: String) throws(Fault) {
        let path = directory(of: socketPath)
        // chmod follows, because the umask takes rights away.
        if mkdir(path, mode) == 0, chmod(path, mode) != 0 {
            throw .system(path: path, call: "chmod", code: errno)
        }
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw .system(path: path, call: "stat", code: errno)
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw .foreignOwner(path: path, owner: status.st_uid)
        }
        guard status.st_mode & 0o022 == 0 || status.st_mode & S_ISVTX != 0 else {
            throw .writableByOthers(path: path, mode: status.st_mode & 0o7777)
        }
    }

    /// Refuses a path whose directory is missing and cannot be made, since the one above it is missing, too. Makes nothing.
    static func checkPlace(ofSocketPath path: String) throws(Fault) {
        let above = directory(of: directory(of: path))
        guard access(above, F_OK) == 0 else {
            throw .system(path: above, call: "access", code: errno)
        }
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
