import Glibc

/// Opens the directory of signing keys.
package enum KeyDirectory {
    /// - Parameter isOurs: it is inside the data directory, made where it is missing, and nobody else's. Another one may be
    ///   a mount that belongs to root and is for reading only.
    package static func open(_ path: String, isOurs: Bool) throws(DataDirectory.Fault) -> DiskDirectory {
        if isOurs, mkdir(path, 0o700) != 0, errno != EEXIST {
            throw .system(path: path, call: "mkdir", code: errno)
        }
        // What is mounted is often reached through a link, which makes exchanging it one step.
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (isOurs ? O_NOFOLLOW : 0)
        let descriptor = Glibc.open(path, flags)
        guard descriptor >= 0 else {
            guard errno != ENOTDIR, errno != ELOOP else { throw .notADirectory(path: path) }
            throw .system(path: path, call: "open", code: errno)
        }
        do throws(DataDirectory.Fault) {
            try check(descriptor, path: path, isOurs: isOurs)
        } catch {
            close(descriptor)
            throw error
        }
        return DiskDirectory(path: path, owning: descriptor)
    }

    private static func check(_ descriptor: Int32, path: String, isOurs: Bool) throws(DataDirectory.Fault) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .system(path: path, call: "fstat", code: errno)
        }
        guard status.st_uid == geteuid() || !isOurs && status.st_uid == 0 else {
            throw .foreignOwner(path: path, owner: status.st_uid)
        }
        // The files in it have modes of their own; what counts here is who could put others in their place.
        guard status.st_mode & (isOurs ? 0o077 : 0o022) == 0 else {
            throw .openToOthers(path: path, mode: status.st_mode & 0o7777)
        }
    }
}
