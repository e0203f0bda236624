import Glibc

/// A new directory under TMPDIR or /tmp, for this process alone.
struct WorkDirectory {
    let path: String

    init() throws(LoadFailure) {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/mintmark-crash-XXXXXX".utf8CString)
        let isMade = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { mkdtemp($0) != nil } ?? false
        }
        guard isMade else { throw .failed("no directory in \(parent): \(SystemFault("mkdtemp"))") }
        path = template.withUnsafeBytes { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// Removes it with everything in it. What cannot be removed stays.
    func remove() { Self.remove(path) }

    private static func remove(_ path: String) {
        for name in (try? StoreListing.names(in: path)) ?? [] {
            let child = "\(path)/\(name)"
            // A link is removed, and not what it leads to.
            if unlink(child) != 0, errno == EISDIR || errno == EPERM { remove(child) }
        }
        rmdir(path)
    }
}
