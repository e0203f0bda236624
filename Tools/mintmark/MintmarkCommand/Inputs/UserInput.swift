import Glibc

/// A user of this machine among the arguments.
enum UserInput {
    /// The number of a user that is given by name or by number.
    static func userID(_ text: String) throws(UsageError) -> UInt32 {
        if let userID = UInt32(text) { return userID }
        guard let userID = lookUp(text) else {
            throw UsageError("there is no user named '\(text.printable)' on this machine")
        }
        return userID
    }

    /// Room for one entry of the user database: names, directories and the like.
    private static let entryLengthMax = 16_384

    private static func lookUp(_ name: String) -> UInt32? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: entryLengthMax) { texts in
            guard let address = texts.baseAddress,
                getpwnam_r(name, &entry, address, texts.count, &found) == 0, found != nil
            else { return nil }
            return entry.pw_uid
        }
    }
}
