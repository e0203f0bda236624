/// The users that a server behind a Unix socket may run as without being named (`Protocol/mintmark-v1.md` section 2).
package enum TrustedUsers {
    /// Whoever has no id in this user namespace: many different users look like it.
    private static let overflowUserID: UInt32 = 65_534

    /// Root and this process's user, unless that is the overflow user.
    package static func usual(own: UInt32) -> Set<UInt32> {
        own == overflowUserID ? [0] : [0, own]
    }
}
