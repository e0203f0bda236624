import Glibc

/// The file that tells a supervisor or a script that the daemon is ready, and where it listens.
///
/// One JSON object: `{"pid": 4711, "tcp": ["127.0.0.1:7420"], "tls": [], "unix": "/run/mintmark/socket", "admin":
/// "127.0.0.1:7421", "authz": null}`; `unix` is null without a Unix socket, `admin` without an admin listener, `authz`
/// without a listener of its own for that. It appears under its name only when it is whole.
struct ReadyFile {
    enum Fault: Error, Equatable, CustomStringConvertible {
        case notAFile(String)
        case system(path: String, call: String, code: Int32)

        var description: String {
            switch self {
            case .notAFile(let path):
                "what is at \(path) is no file; remove it, or name another"
            case .system(let path, let call, let code):
                "\(path): \(call): \(String(cString: strerror(code)))\(Self.advice(code))"
            }
        }

        private static func advice(_ code: Int32) -> String {
            [EACCES, EPERM, EROFS, ENOENT, ENOTDIR].contains(code) ? "; name one where this user may write" : ""
        }
    }

    var processID: Int32
    var tcpAddresses: [String]
    var tlsAddresses: [String] = []
    var unixPath: String?
    var adminAddress: String?
    var authzAddress: String?

    var json: String {
        let tcp = tcpAddresses.map(JSONObject.quoted).joined(separator: ", ")
        let tls = tlsAddresses.map(JSONObject.quoted).joined(separator: ", ")
        let unix = unixPath.map(JSONObject.quoted) ?? "null"
        let admin = adminAddress.map(JSONObject.quoted) ?? "null"
        let authz = authzAddress.map(JSONObject.quoted) ?? "null"
        return "\(Self.beginning(processID)) \"tcp\": [\(tcp)], \"tls\": [\(tls)], \"unix\": \(unix), "
            + "\"admin\": \(admin), \"authz\": \(authz)}\n"
    }

    func write(to path: String) throws(Fault) {
        let temporary = "\(path).\(processID).new"
        // What stands there was left by a process with this id that died, or is somebody else's: never written into.
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .system(path: temporary, call: "open", code: errno)
        }
        let bytes = Array(json.utf8)
        let count = Glibc.write(descriptor, bytes, bytes.count)
        let code = errno
        close(descriptor)
        guard count == bytes.count else {
            unlink(temporary)
            throw .system(path: temporary, call: "write", code: count < 0 ? code : ENOSPC)
        }
        guard rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw .system(path: path, call: "rename", code: code)
        }
    }

    /// Removes the file, if it is of this process still: another daemon may have been told the same path.
    static func remove(_ path: String, of processID: Int32) throws(Fault) {
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let beginning = Array(Self.beginning(processID).utf8)
        let bytes = [UInt8](unsafeUninitializedCapacity: beginning.count) { buffer, count in
            count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
        }
        guard bytes == beginning else { return }
        try remove(path)
    }

    private static func beginning(_ processID: Int32) -> String { "{\"pid\": \(processID)," }

    /// Removes the file of this or of an earlier process, if there is one: nobody is ready then.
    static func remove(_ path: String) throws(Fault) {
        var status = stat()
        // A device or a pipe, named by mistake, would be gone for everybody.
        if lstat(path, &status) == 0, ![S_IFREG, S_IFLNK].contains(status.st_mode & S_IFMT) {
            throw .notAFile(path)
        }
        guard unlink(path) == 0 || errno == ENOENT else {
            throw .system(path: path, call: "unlink", code: errno)
        }
    }
}
