import Glibc

/// Opens the directory of signing keys.
package enum KeyDirectory {
    /// - Parameter isOurs: it is inside the data directory, made where it is missing, and nobody else's. Another one may be
    ///   a mount that belongs to root and is for reading only.
    package static func open(_ path: String, isOurs: Bool) throws(DataDirectory.Fault) -> DiskDirectory {
        if isOurs, mkdir(path, 0o700) != 0, errno != EEXIST {
            throw .system(path: path, call: "mkdir", code: errno)
        }
        return try openPresent(path, isOurs: isOurs)
    }

    /// Opens it as ``open(_:isOurs:)`` does, but makes nothing: nil where that would make it.
    package static func openIfPresent(_ path: String, isOurs: Bool) throws(DataDirectory.Fault) -> DiskDirectory? {
        do throws(DataDirectory.Fault) {
            return try openPresent(path, isOurs: isOurs)
        } catch {
            guard isOurs, case .system(_, "open", ENOENT) = error else { throw error }
            return nil
        }
    }

    private static func openPresent(_ path: String, isOurs: Bool) throws(DataDirectory.Fault) -> DiskDirectory {
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

    /// Opens it to look at it, whoever it belongs to; nil where there is none. Nothing in it can be changed.
    package static func inspect(_ path: String) throws(DataDirectory.Fault) -> DiskDirectory? {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno != ENOENT else { return nil }
            guard errno != ENOTDIR, errno != ELOOP else { throw .notADirectory(path: path) }
            throw .system(path: path, call: "open", code: errno)
        }
        return DiskDirectory(path: path, owning: descriptor, isReadOnly: true)
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
