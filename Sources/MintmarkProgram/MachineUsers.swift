import Glibc

/// The users of this machine, by name and by number.
package enum MachineUsers {
    /// The number of a user that is given by name or by number; nil if nobody has that name.
    package static func userID(_ text: String) -> UInt32? {
        UInt32(text) ?? userID(ofName: text)
    }

    /// A user as people are told of it: `user 'mintmark' (998)`, or `user 998` where the number has no name.
    package static func text(ofUserID userID: UInt32) -> String {
        name(ofUserID: userID).map { "user '\($0)' (\(userID))" } ?? "user \(userID)"
    }

    /// The name of the user with a number; nil if there is none.
    package static func name(ofUserID userID: UInt32) -> String? {
        lookUp { entry, texts, length, found in
            let result = getpwuid_r(userID, &entry, texts, length, &found)
            guard result == 0, found != nil else { return nil }
            return entry.pw_name.map { String(cString: $0) }
        }
    }

    private static func userID(ofName name: String) -> UInt32? {
        lookUp { entry, texts, length, found in
            let result = getpwnam_r(name, &entry, texts, length, &found)
            guard result == 0, found != nil else { return nil }
            return entry.pw_uid
        }
    }

    /// Room for one entry of the user database: names, directories and the like.
    private static let entryLengthMax = 16_384

    /// Gives `search` what the functions of the user database fill in, as long as it runs.
    private static func lookUp<Value>(
        _ search: (inout passwd, UnsafeMutablePointer<CChar>, Int, inout UnsafeMutablePointer<passwd>?) -> Value?
    ) -> Value? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: entryLengthMax) { texts in
            texts.baseAddress.flatMap { search(&entry, $0, texts.count, &found) }
        }
    }
}
