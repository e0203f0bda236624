import MintmarkCrypto
import MintmarkSessions

/// The beginnings of all files in a data directory, for whoever cannot go by its manifest.
struct StoreSurvey {
    struct File {
        let name: String
        /// Of the file's name.
        let number: UInt64
        /// The file's first bytes; empty when they cannot be read.
        let beginning: [UInt8]
    }

    /// By number, descending.
    let snapshots: [File]
    /// By number, ascending.
    let segments: [File]
    /// The manifest's bytes; empty when there is none, or when it cannot be read.
    let manifest: [UInt8]

    /// Numbers above this are nobody's: there must be room behind the greatest.
    private static let numberMax: UInt64 = 1 << 62

    init(_ directory: any StorageDirectory) {
        let names = (try? directory.list()) ?? []
        func beginning(_ name: String, _ byteCount: Int) -> [UInt8] {
            (try? directory.open(name).read(at: 0, byteCount: byteCount)) ?? []
        }
        func files(_ number: (String) -> UInt64?, byteCount: Int) -> [File] {
            names.compactMap { name in
                number(name).map { File(name: name, number: $0, beginning: beginning(name, byteCount)) }
            }.filter { $0.number <= Self.numberMax }
        }
        snapshots = files(StoreFiles.snapshotNumber, byteCount: SnapshotHeader.byteCount)
            .sorted { $0.number > $1.number }
        segments = files(StoreFiles.segmentNumber, byteCount: JournalSegmentHeader.byteCount)
            .sorted { $0.number < $1.number }
        manifest = names.contains(StoreFiles.manifest) ? beginning(StoreFiles.manifest, StoreManifest.byteCount) : []
    }

    /// Whether one file at least begins as this master key's files do.
    func opensAnything(with masters: [SecretBytes]) -> Bool {
        masters.contains { master in
            !keyIDs(of: master).isEmpty
                || (try? StoreManifest.keyID(of: manifest.span.bytes)).map { id in
                    (try? StoreManifest(decoding: manifest.span.bytes, with: StorageKeys(id: id, master: master)))
                        != nil
                } ?? false
        }
    }

    /// The ids that `master` has in the snapshots and segments that it opens, the greatest first.
    func keyIDs(of master: SecretBytes) -> [UInt8] {
        var ids: Set<UInt8> = []
        for file in snapshots {
            guard let id = try? SnapshotHeader.keyID(of: file.beginning.span.bytes), !ids.contains(id) else { continue }
            let keys = StorageKeys(id: id, master: master)
            if (try? SnapshotHeader(decoding: file.beginning.span.bytes, with: keys)) != nil {
                ids.insert(id)
            }
        }
        for file in segments {
            guard let id = try? JournalSegmentHeader.keyID(of: file.beginning.span.bytes), !ids.contains(id) else {
                continue
            }
            let keys = StorageKeys(id: id, master: master)
            if (try? JournalSegmentHeader.decode(file.beginning.span.bytes, with: keys)) != nil {
                ids.insert(id)
            }
        }
        return ids.sorted(by: >)
    }

    /// The greatest number that a file has; 0 without files.
    var greatestNumber: UInt64 {
        max(snapshots.first?.number ?? 0, segments.last?.number ?? 0)
    }
}
