import Glibc

/// Follows links to a secret, as those of a volume that Kubernetes mounts: `tls.key` leads to `..data/tls.key`, and
/// `..data` to a directory that is exchanged as a whole.
///
/// A link can be followed if nobody but root and this process's user can have made it, and nobody else can put another
/// in its place: it belongs to one of the two, and so does every directory on the way, which others cannot write, or
/// which is sticky, so that others cannot replace what is in it.
enum LinkedPath {
    /// The most links on the way, as the system has it.
    static let linksMax = 40

    /// The path without links that `path` leads to. The file itself is not looked at, unless it is a link.
    static func resolve(_ path: String) throws(SecretFile.Fault) -> String {
        // The names that are left to go through, the next one last.
        var names = Array(path.split(separator: "/").reversed())
        var place = path.hasPrefix("/") ? "" : "."
        var linkCount = 0
        while let name = names.popLast() {
            if name == "." { continue }
            let next = "\(place)/\(name)"
            let entry = try status(of: next, path)
            try check(directory: place.isEmpty ? "/" : place, holding: entry, path)
            guard entry.st_mode & S_IFMT == S_IFLNK else {
                // Behind `..` the place is still a path without links: it is checked again when something is read there.
                place = next
                continue
            }
            guard isOurs(entry) else {
                throw .unsafeLink(path: path, reason: "\(next) belongs to uid \(entry.st_uid)")
            }
            linkCount += 1
            guard linkCount <= linksMax else { throw .unsafeLink(path: path, reason: "too many others are behind it") }
            let target = try target(of: next, path)
            if target.hasPrefix("/") { place = "" }
            names += target.split(separator: "/").reversed()
        }
        return place
    }

    private static func check(directory: String, holding entry: stat, _ path: String) throws(SecretFile.Fault) {
        let status = try status(of: directory, path)
        guard isOurs(status) else {
            throw .unsafeLink(path: path, reason: "\(directory) belongs to uid \(status.st_uid)")
        }
        let isOpen = status.st_mode & 0o022 != 0
        let isKept = status.st_mode & S_ISVTX != 0 && isOurs(entry)
        guard !isOpen || isKept else {
            throw .unsafeLink(path: path, reason: "others can write \(directory); run: chmod go-w \(directory)")
        }
    }

    private static func isOurs(_ status: stat) -> Bool {
        status.st_uid == geteuid() || status.st_uid == 0
    }

    private static func status(of place: String, _ path: String) throws(SecretFile.Fault) -> stat {
        var status = stat()
        guard lstat(place, &status) == 0 else {
            throw errno == ENOENT ? .missing(path: path) : .system(path: place, call: "lstat", code: errno)
        }
        return status
    }

    private static func target(of link: String, _ path: String) throws(SecretFile.Fault) -> String {
        let capacity = Int(PATH_MAX)
        var bytes = [CChar](repeating: 0, count: capacity)
        let count = readlink(link, &bytes, capacity)
        guard (1..<capacity).contains(count) else {
            throw .system(path: link, call: "readlink", code: errno)
        }
        return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
