import Glibc

/// What is said of a file or directory that belongs to somebody else than the user of this process.
package enum ForeignOwner {
    /// Advises to be the owner first: whoever looks at a daemon's files as root would take them away from it.
    package static func words(_ path: String, owner: UInt32) -> String {
        "\(path) belongs to uid \(owner), and this process runs as uid \(geteuid()): run it as the owner, or give it to this "
            + "user for good: chown \(geteuid()) \(ShellText.quoted(path))"
    }
}
