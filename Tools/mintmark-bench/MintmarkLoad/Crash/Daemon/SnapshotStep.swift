/// Where in the publication of a snapshot a store stopped, as its files tell.
enum SnapshotStep: String, CaseIterable, Sendable {
    /// No snapshot was being made.
    case idle
    /// A segment began for a snapshot of which there is nothing yet.
    case segmentBegun = "segment_begun"
    case snapshotBeingWritten = "snapshot_being_written"
    /// The snapshot has its name, and the manifest does not name it.
    case snapshotUnnamed = "snapshot_unnamed"
    case manifestBeingWritten = "manifest_being_written"
    /// The manifest is published, and what nobody needs any more is still there.
    case oldFilesLeft = "old_files_left"

    /// Classifies the files of a store that nobody writes to any more.
    ///
    /// - Parameter start: The files when the daemon was ready: what an earlier stop has left tells nothing of this one.
    init(_ files: StoreListing, atStart start: StoreListing) {
        let named = files.manifest?.snapshot ?? 0
        let newestKnown = max(named, start.segments.max() ?? 0)
        if files.hasNewManifest {
            self = .manifestBeingWritten
        } else if files.newSnapshot != nil {
            self = .snapshotBeingWritten
        } else if files.snapshots.subtracting(start.snapshots).contains(where: { $0 > named }) {
            self = .snapshotUnnamed
        } else if files.hasNewSegment || files.segments.contains(where: { $0 > newestKnown }) {
            self = .segmentBegun
        } else if files.manifest != start.manifest, files.hasUnneeded {
            self = .oldFilesLeft
        } else {
            self = .idle
        }
    }

    /// What it is called in the report.
    var title: String {
        switch self {
        case .idle: "idle"
        case .segmentBegun: "segment begun"
        case .snapshotBeingWritten: "snapshot being written"
        case .snapshotUnnamed: "snapshot complete, unnamed"
        case .manifestBeingWritten: "manifest being written"
        case .oldFilesLeft: "published, old files left"
        }
    }

    /// Whether a change in the directory says that this step begins.
    func begins(with change: DirectoryChange) -> Bool {
        switch self {
        case .idle: change.isRemoval && (change.kind == .segment || change.kind == .snapshot)
        case .segmentBegun: !change.isRemoval && (change.kind == .newSegment || change.kind == .segment)
        case .snapshotBeingWritten: !change.isRemoval && change.kind == .newSnapshot
        case .snapshotUnnamed: !change.isRemoval && change.kind == .snapshot
        case .manifestBeingWritten: !change.isRemoval && change.kind == .newManifest
        case .oldFilesLeft: !change.isRemoval && change.kind == .manifest
        }
    }
}

/// A name that appeared in a directory, or went away.
struct DirectoryChange: Hashable, Sendable {
    var name: String
    var isRemoval = false

    var kind: StoreListing.Kind { StoreListing.Kind(name) }
}
