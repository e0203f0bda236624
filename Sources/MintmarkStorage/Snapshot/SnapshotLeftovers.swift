import NIOConcurrencyHelpers

/// The files of snapshots that came to nothing and could not be removed at once. They hold room that a full disk needs.
///
/// Safe to share between threads: whoever removes keeps the others out meanwhile.
final class SnapshotLeftovers: Sendable {
    private let directory: any StorageDirectory
    private let names = NIOLockedValueBox<Set<String>>([])

    init(in directory: any StorageDirectory) {
        self.directory = directory
    }

    /// Removes what a snapshot left that does not count and never will: now, or with a later ``remove()``.
    func discard(_ number: UInt64) {
        let name = StoreFiles.snapshot(number)
        names.withLockedValue { names in
            names.formUnion([StoreFiles.unfinished(name), name])
            remove(&names)
        }
    }

    /// Removes what could not be removed before.
    func remove() {
        names.withLockedValue { remove(&$0) }
    }

    /// A snapshot with this number is written now: what has its name from now on is left alone.
    func forget(_ number: UInt64) {
        let name = StoreFiles.snapshot(number)
        names.withLockedValue { $0.subtract([StoreFiles.unfinished(name), name]) }
    }

    private func remove(_ names: inout Set<String>) {
        guard !names.isEmpty, let present = try? directory.list() else { return }
        for name in names.sorted() {
            if present.contains(name) {
                guard (try? directory.remove(name)) != nil else { continue }
            }
            names.remove(name)
        }
    }
}
