import Glibc

/// What the system tells of the process at the other end of a Unix socket (`struct ucred` of Linux).
struct PeerCredentials {
    /// 0: not of this process's namespace.
    let processID: Int32
    let userID: UInt32

    /// Nil where the system does not say.
    init?(of descriptor: Int32) {
        // The C type is process id, user id and group id.
        var credentials: (processID: Int32, userID: UInt32, groupID: UInt32) = (0, 0, 0)
        var length = socklen_t(MemoryLayout.size(ofValue: credentials))
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else { return nil }
        (processID, userID) = (credentials.processID, credentials.userID)
    }
}
