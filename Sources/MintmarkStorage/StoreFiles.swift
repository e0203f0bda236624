/// The names of the files in a data directory.
package enum StoreFiles {
    package static let manifest = "manifest"
    /// Says that a store was begun: without a manifest beside it, one is lost.
    package static let mark = "store.begun"
    package static let masterKey = "master.key"
    /// The key that a rekeying is moving to.
    package static let nextMasterKey = "master.key.next"
    /// Where the signing keys are in their lives.
    package static let keyLedger = "keys.state"
    /// The private half of the first signing key.
    package static let firstSigningKey = "signing-key.pem"
    /// The directory of the later ones.
    package static let keyDirectory = "keys"

    /// What a file is called while it is being made.
    static let unfinishedSuffix = ".new"
    private static let segmentPrefix = "journal-"
    private static let snapshotPrefix = "snapshot-"
    private static let digitCount = 10

    package static func segment(_ number: UInt64) -> String {
        segmentPrefix + digits(number)
    }

    package static func snapshot(_ number: UInt64) -> String {
        snapshotPrefix + digits(number)
    }

    static func unfinished(_ name: String) -> String {
        name + unfinishedSuffix
    }

    /// Whether a file belongs to a store, a master key aside.
    static func isPart(_ name: String) -> Bool {
        name == manifest || segmentNumber(name) != nil || snapshotNumber(name) != nil
    }

    /// Whether a file tells that there is a store here, or was one.
    package static func isTrace(_ name: String) -> Bool {
        isPart(name) || name == mark
    }

    /// Whether a file is one of a store that was being made. Others that merely end like one are not ours to remove.
    static func isUnfinished(_ name: String) -> Bool {
        guard name.hasSuffix(unfinishedSuffix) else { return false }
        let finished = String(name.dropLast(unfinishedSuffix.count))
        // The name of a key that is being made tells the process, too.
        return isTrace(finished) || finished == masterKey || finished.hasPrefix("\(masterKey).")
    }

    /// Whether a file is a snapshot that was being made.
    static func isUnfinishedSnapshot(_ name: String) -> Bool {
        name.hasSuffix(unfinishedSuffix) && snapshotNumber(String(name.dropLast(unfinishedSuffix.count))) != nil
    }

    /// Where recovery keeps what it cuts from a file.
    static func cut(_ name: String, at offset: Int) -> String {
        "\(name).cut-\(offset)"
    }

    /// Whether recovery has cut it from a segment.
    static func isCut(_ name: String) -> Bool {
        name.hasPrefix(segmentPrefix) && name.contains(".cut-")
    }

    /// Where salvage keeps what it found.
    static func salvaged(_ number: Int) -> String {
        "salvaged-\(number)"
    }

    static func segmentNumber(_ name: String) -> UInt64? {
        number(in: name, behind: segmentPrefix)
    }

    static func snapshotNumber(_ name: String) -> UInt64? {
        number(in: name, behind: snapshotPrefix)
    }

    private static func digits(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, digitCount - digits.count)) + digits
    }

    private static func number(in name: String, behind prefix: String) -> UInt64? {
        guard name.hasPrefix(prefix) else { return nil }
        let digits = name.dropFirst(prefix.count)
        // One number has one name, of ten digits.
        guard digits.count == digitCount, let number = UInt64(digits), self.digits(number) == digits else { return nil }
        return number
    }
}
