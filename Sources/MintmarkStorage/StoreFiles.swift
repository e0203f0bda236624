/// The names of the files in a data directory.
package enum StoreFiles {
    package static let manifest = "manifest"
    package static let masterKey = "master.key"
    /// The key that a rekeying is moving to.
    package static let nextMasterKey = "master.key.next"

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

    /// Where recovery keeps what it cuts from a file.
    static func cut(_ name: String, at offset: Int) -> String {
        "\(name).cut-\(offset)"
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
        guard digits.count >= digitCount, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return UInt64(digits)
    }
}
