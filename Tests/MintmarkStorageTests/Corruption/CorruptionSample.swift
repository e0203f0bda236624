import Foundation
import MintmarkSessions
import MintmarkTestSupport

@testable import MintmarkStorage

/// The store that the corruption tests damage, made once; and how much of the programme is run.
///
/// With `TESTS_LONG=1` every place is visited, else a seeded choice of them that a few seconds suffice for.
struct CorruptionSample: Sendable {
    static let shared = CorruptionSample()

    let files: [String: [UInt8]]
    let checkpoints: [StorageHistory.Checkpoint]

    static let isLong = ProcessInfo.processInfo.environment["TESTS_LONG"] != nil
    static let manifest = StoreFiles.manifest
    static let snapshot = StoreFiles.snapshot(2)
    static let firstSegment = StoreFiles.segment(2)
    static let lastSegment = StoreFiles.segment(StorageHistory.lastSegment)

    private init() {
        do {
            let history = try StorageHistory(rounds: 8)
            files = history.directory.files
            checkpoints = history.checkpoints
        } catch {
            preconditionFailure("the sample cannot be made: \(error)")
        }
    }

    /// The last segment up to its last box.
    var contentByteCount: Int { checkpoints.last?.offset ?? 0 }

    func bytes(_ name: String) -> [UInt8] {
        guard let bytes = files[name] else { preconditionFailure("\(name) is not in \(files.keys.sorted())") }
        return bytes
    }

    /// The files with another content of one; nil: without it.
    func files(with bytes: [UInt8]?, as name: String) -> [String: [UInt8]] {
        var files = files
        files[name] = bytes
        return files
    }

    /// How many boxes of the last segment are complete before `offset`.
    func boxCount(before offset: Int) -> Int {
        checkpoints.lastIndex { $0.offset <= offset } ?? 0
    }

    /// Places to visit: in the long form all, in the short one those around each box's beginning and `count` others.
    func places(in range: Range<Int>, count: Int, seed: UInt64) -> [Int] {
        if Self.isLong {
            return Array(range)
        }
        var generator = SeededGenerator(seed: seed)
        let edges = checkpoints.flatMap { [$0.offset - 1, $0.offset, $0.offset + 1] }.shuffled(using: &generator)
        let others = (0..<count).map { _ in Int.random(in: range, using: &generator) }
        return Set(edges.prefix(count) + others + [range.lowerBound, range.upperBound - 1]).filter(range.contains)
            .sorted()
    }
}
