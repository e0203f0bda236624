import Foundation
import Testing

@testable import MintmarkLoad

@Suite("The step of a snapshot")
struct SnapshotStepTests {
    /// The names of files, and what the manifest names.
    struct Store: Sendable {
        var names: [String]
        var manifest: StoreListing.Manifest?

        init(_ names: String, _ snapshot: UInt64? = nil, previous: UInt64 = 0) {
            self.names = names.split(separator: " ").map(String.init)
            manifest = snapshot.map { StoreListing.Manifest(snapshot: $0, previous: previous) }
        }

        /// As files in a directory.
        func files() throws -> StoreListing {
            let directory = NSTemporaryDirectory() + "mintmark-store-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
            defer { try? FileManager.default.removeItem(atPath: directory) }
            for name in names {
                let parts: [Substring] = name.split(separator: ".", maxSplits: 1)
                let words: [Substring] = parts[0].split(separator: "-")
                let padded = words.enumerated().map { index, part in
                    index == 0 ? String(part) : String(repeating: "0", count: 10 - part.count) + part
                }
                let full = padded.joined(separator: "-") + (parts.count > 1 ? ".\(parts[1])" : "")
                try Data("content".utf8).write(to: URL(fileURLWithPath: "\(directory)/\(full)"))
            }
            if let manifest {
                try Data(Self.bytes(manifest)).write(to: URL(fileURLWithPath: "\(directory)/manifest"))
            }
            return try StoreListing(directory: directory)
        }

        private static func bytes(_ manifest: StoreListing.Manifest) -> [UInt8] {
            var bytes = [UInt8](repeating: 9, count: 184)
            for index in 0..<8 {
                bytes[80 + index] = UInt8(truncatingIfNeeded: manifest.snapshot >> (56 - 8 * index))
                bytes[120 + index] = UInt8(truncatingIfNeeded: manifest.previous >> (56 - 8 * index))
            }
            return bytes
        }
    }

    /// A store that was started with segment 5, behind snapshot 4 and the one before, 2.
    private static let start = Store("journal-2 journal-3 journal-4 journal-5 snapshot-2 snapshot-4", 4, previous: 2)

    static let rows: [Row<Store, SnapshotStep>] = [
        Row("as it was", start, .idle),
        Row(
            "a segment in the making",
            Store("journal-2 journal-3 journal-4 journal-5 journal-6.new snapshot-2 snapshot-4", 4, previous: 2),
            .segmentBegun
        ),
        Row(
            "a segment",
            Store("journal-2 journal-3 journal-4 journal-5 journal-6 snapshot-2 snapshot-4", 4, previous: 2),
            .segmentBegun
        ),
        Row(
            "a snapshot in the making",
            Store("journal-4 journal-5 journal-6 snapshot-2 snapshot-4 snapshot-6.new", 4, previous: 2),
            .snapshotBeingWritten
        ),
        Row(
            "a snapshot without a manifest",
            Store("journal-2 journal-4 journal-5 journal-6 snapshot-2 snapshot-4 snapshot-6", 4, previous: 2),
            .snapshotUnnamed
        ),
        Row(
            "a manifest in the making",
            Store("journal-2 journal-6 snapshot-2 snapshot-4 snapshot-6 manifest.new", 4, previous: 2),
            .manifestBeingWritten
        ),
        Row(
            "published",
            Store("journal-2 journal-4 journal-5 journal-6 snapshot-2 snapshot-4 snapshot-6", 6, previous: 4),
            .oldFilesLeft
        ),
        Row(
            "published, the old segments gone",
            Store("journal-4 journal-5 journal-6 snapshot-2 snapshot-4 snapshot-6", 6, previous: 4),
            .oldFilesLeft
        ),
        Row(
            "published and done",
            Store("journal-4 journal-5 journal-6 snapshot-4 snapshot-6", 6, previous: 4),
            .idle
        ),
        Row(
            "the next",
            Store("journal-4 journal-5 journal-6 journal-7 snapshot-4 snapshot-6", 6, previous: 4),
            .segmentBegun
        ),
        Row("a store of another kind", Store("signing-key.pem master.key master.key.new lock"), .idle),
    ]

    @Test("files tell it", arguments: rows)
    func classifies(row: Row<Store, SnapshotStep>) throws {
        #expect(try SnapshotStep(row.given.files(), atStart: Self.start.files()) == row.expected)
    }

    @Test("what an earlier kill has left tells nothing")
    func leftovers() throws {
        let old = Store("journal-1 journal-2 journal-5 journal-6 snapshot-2 snapshot-4 snapshot-5", 4, previous: 2)
        #expect(try SnapshotStep(old.files(), atStart: old.files()) == .idle)
        let published = Store("journal-1 journal-2 journal-4 snapshot-1 snapshot-2 snapshot-4", 4, previous: 2)
        #expect(try SnapshotStep(published.files(), atStart: published.files()) == .idle)
    }

    @Test("a directory that is not there has no files")
    func noDirectory() throws {
        #expect(try StoreListing(directory: "/nonexistent/mintmark") == StoreListing())
    }

    @Test("how much of a snapshot there is")
    func newSnapshot() throws {
        let files = try Store("journal-6 snapshot-6.new").files()
        #expect(files.newSnapshot == StoreListing.NewSnapshot(number: 6, byteCount: 7))
    }

    @Test("each step begins with a change of its own")
    func changes() {
        let changes = [
            DirectoryChange(name: "journal-0000000006.new"), DirectoryChange(name: "snapshot-0000000006.new"),
            DirectoryChange(name: "snapshot-0000000006"), DirectoryChange(name: "manifest.new"),
            DirectoryChange(name: "manifest"), DirectoryChange(name: "journal-0000000002", isRemoval: true),
        ]
        let expected: [SnapshotStep] = [
            .segmentBegun, .snapshotBeingWritten, .snapshotUnnamed, .manifestBeingWritten, .oldFilesLeft, .idle,
        ]
        for (change, step) in zip(changes, expected) {
            #expect(SnapshotStep.allCases.filter { $0.begins(with: change) } == [step])
        }
        #expect(!SnapshotStep.allCases.contains { $0.begins(with: DirectoryChange(name: "ready.json")) })
    }

    @Test("every second kill aims at a step that was hit least")
    func aims() throws {
        var random = SeededRandom(seed: 4)
        let interval = try #require(DurationText("200ms"))
        var hits: [SnapshotStep: Int] = [:]
        for number in 0..<120 {
            let moment = KillMoment(number: number, hits: hits, snapshotInterval: interval, random: &random)
            #expect((moment.step == nil) == (number % 2 == 0))
            #expect((0...300_000_000).contains(moment.delayNanoseconds))
            if let step = moment.step { hits[step, default: 0] += 1 }
        }
        #expect(SnapshotStep.allCases.allSatisfy { hits[$0] == 10 })
    }

    @Test("a directory tells of its changes as they come")
    func watch() throws {
        let directory = NSTemporaryDirectory() + "mintmark-watch-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let watch = try DirectoryWatch(directory)
        #expect(watch.changes(nanosecondsMax: 0).isEmpty)
        #expect(close(open("\(directory)/manifest.new", O_WRONLY | O_CREAT, 0o600)) == 0)
        #expect(rename("\(directory)/manifest.new", "\(directory)/manifest") == 0)
        unlink("\(directory)/manifest")
        let changes = watch.changes(nanosecondsMax: 1_000_000_000)
        let expected = [
            DirectoryChange(name: "manifest.new"), DirectoryChange(name: "manifest"),
            DirectoryChange(name: "manifest", isRemoval: true),
        ]
        #expect(changes == expected)
    }
}
