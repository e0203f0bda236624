import Glibc

/// The files of a store, seen from outside.
struct StoreListing: Hashable, Sendable {
    /// What a manifest says in clear.
    struct Manifest: Hashable, Sendable {
        /// The number of the snapshot that counts, and of the first segment beside it.
        var snapshot: UInt64
        /// That of the one before; 0: none.
        var previous: UInt64
    }

    struct NewSnapshot: Hashable, Sendable {
        var number: UInt64
        var byteCount: Int
    }

    /// What a name in a data directory says.
    enum Kind: Hashable, Sendable {
        case segment
        case newSegment
        case snapshot
        case newSnapshot
        case manifest
        case newManifest
        case other

        init(_ name: String) {
            let isNew = name.hasSuffix(newSuffix)
            let finished = isNew ? String(name.dropLast(newSuffix.count)) : name
            if finished == "manifest" {
                self = isNew ? .newManifest : .manifest
            } else if StoreListing.number(finished, segmentPrefix) != nil {
                self = isNew ? .newSegment : .segment
            } else if StoreListing.number(finished, snapshotPrefix) != nil {
                self = isNew ? .newSnapshot : .snapshot
            } else {
                self = .other
            }
        }
    }

    private static let newSuffix = ".new"
    private static let segmentPrefix = "journal-"
    private static let snapshotPrefix = "snapshot-"
    private static let digitsMin = 10

    var segments: Set<UInt64> = []
    var snapshots: Set<UInt64> = []
    /// Whether a segment is being made.
    var hasNewSegment = false
    /// A snapshot that is being written.
    var newSnapshot: NewSnapshot?
    /// Nil if there is none, or one of another length than a manifest's.
    var manifest: Manifest?
    var hasNewManifest = false

    /// No files.
    init() {}

    /// Reads a directory; one that is not there has no files.
    init(directory: String) throws(SystemFault) {
        for name in try Self.names(in: directory) {
            let path = "\(directory)/\(name)"
            switch Kind(name) {
            case .segment: segments.formUnion([Self.number(name, Self.segmentPrefix)].compactMap(\.self))
            case .snapshot: snapshots.formUnion([Self.number(name, Self.snapshotPrefix)].compactMap(\.self))
            case .newSegment: hasNewSegment = true
            case .newSnapshot:
                let number = Self.number(String(name.dropLast(Self.newSuffix.count)), Self.snapshotPrefix)
                newSnapshot = NewSnapshot(number: number ?? 0, byteCount: Self.byteCount(of: path))
            case .manifest: manifest = Manifest(try FileBytes.read(path))
            case .newManifest: hasNewManifest = true
            case .other: break
            }
        }
    }

    /// Whether there is something older than what the manifest and the snapshot before it need.
    var hasUnneeded: Bool {
        guard let manifest else { return false }
        let oldest = manifest.previous > 0 ? min(manifest.previous, manifest.snapshot) : manifest.snapshot
        return segments.contains { $0 < oldest }
            || snapshots.contains { $0 < manifest.snapshot && $0 != manifest.previous }
    }

    /// The number in a name such as `journal-0000000012`; nil if it is another name.
    private static func number(_ name: String, _ prefix: String) -> UInt64? {
        guard name.hasPrefix(prefix) else { return nil }
        let digits = name.dropFirst(prefix.count)
        guard digits.count >= digitsMin, digits.allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
        return UInt64(digits)
    }

    /// The names in a directory but for `.` and `..`, in no order.
    static func names(in directory: String) throws(SystemFault) -> [String] {
        guard let stream = opendir(directory) else {
            guard errno == ENOENT else { throw SystemFault("opendir") }
            return []
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private static func byteCount(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}

extension StoreListing.Manifest {
    private enum Layout {
        static let byteCount = 184
        static let snapshot = 80
        static let previous = 120
    }

    init?(_ bytes: [UInt8]) {
        guard bytes.count == Layout.byteCount else { return nil }
        let number = { (offset: Int) in bytes[offset..<offset + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        snapshot = number(Layout.snapshot)
        previous = number(Layout.previous)
    }
}
