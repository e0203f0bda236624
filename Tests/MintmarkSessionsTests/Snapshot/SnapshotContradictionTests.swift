import MintmarkCrypto
import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkSessions

/// Authentic snapshots that say what cannot be. No disk makes them: they are what reading back is there to find.
@Suite struct SnapshotContradictionTests {
    private let facts: [UInt8]
    private let marks: [UInt8] = [5] + Self.number(7, 6) + Self.number(8, 6)

    init() {
        // The plaintext of the first chunk, as the encoder makes it.
        let sample = SnapshotSample(of: StoreFixture().store)
        var stream = SnapshotSample.header().stream(with: StorageSamples.keys)
        var plaintext: [UInt8] = []
        let chunk = sample.chunks[0]
        let isFinal = stream.open(
            chunk.span.bytes,
            additionalData: sample.header.span.bytes,
            appendingTo: &plaintext
        )
        precondition(isFinal == false)
        facts = plaintext
    }

    private static func number(_ value: UInt64, _ byteCount: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(value, byteCount: byteCount)
        return bytes
    }

    private func end(_ sessions: UInt64 = 0, _ cutOffs: UInt64 = 0, _ forcedRotations: UInt64 = 0) -> [UInt8] {
        [6] + [sessions, cutOffs, forcedRotations].flatMap { Self.number($0, 8) }
    }

    /// A shard with a record of each of these ids, lowest bits first.
    private func shard(_ number: UInt64, mark: UInt64, ids: [UInt64] = []) -> [UInt8] {
        [2] + Self.number(number, 4) + Self.number(mark, 6) + ids.flatMap(record)
    }

    private func record(_ id: UInt64) -> [UInt8] {
        let state = SessionState(
            opening: SessionID(high: 1, low: id),
            epoch: StoreEpoch(rawValue: 1),
            createdSeconds: 1,
            idleExpirySeconds: 2,
            absoluteExpirySeconds: 3,
            rotatedAtMilliseconds: 4
        )
        let terms = SessionTerms(client: [1], subject: [2], audience: audience("a"))
        var bytes: [UInt8] = []
        SessionRecord(state: state, terms: terms).encode(appendingTo: &bytes)
        return Self.number(UInt64(bytes.count), 2) + bytes
    }

    private func isRefused(_ chunks: [[UInt8]]) -> Bool {
        SnapshotSample(plaintexts: chunks).fault()?.isContradiction == true
    }

    private func isComplete(_ chunks: [[UInt8]]) throws -> Bool {
        try SnapshotSample(plaintexts: chunks).read().isComplete
    }

    @Test func whatTheOthersAreVariantsOfIsRead() throws {
        #expect(try isComplete([facts, marks, end()]))
        #expect(try isComplete([facts, shard(0, mark: 7, ids: [0, 2]), shard(1, mark: 8, ids: [1]), marks, end(3)]))
        #expect(try isComplete([facts, shard(0, mark: 7, ids: [0]), shard(0, mark: 7, ids: [2]), marks, end(2)]))
        // Shards and tables come in any order.
        #expect(try isComplete([facts, marks, shard(1, mark: 8, ids: [1]), shard(0, mark: 7), end(1)]))
        #expect(try isComplete([facts, Array(marks.prefix(7)), [5] + marks.dropFirst(7), end()]))
    }

    @Test func chunksOutOfPlace() {
        #expect(isRefused([marks, facts, end()]), "the facts are first")
        #expect(isRefused([facts, facts, marks, end()]), "and there once")
        #expect(isRefused([facts, end(), marks]), "the end is last")
        #expect(isRefused([facts, marks, marks]), "and marked as final")
        #expect(isRefused([end()]))
        #expect(isRefused([facts]))
    }

    @Test func kindsThatAreNone() {
        for kind in [0] + (7...255) as [UInt8] {
            #expect(isRefused([facts, [kind], marks, end()]), "kind \(kind)")
        }
        #expect(isRefused([facts, [], marks, end()]))
    }

    @Test func countsThatAreNotThoseOfWhatIsThere() {
        let shard = shard(0, mark: 7, ids: [0])
        #expect(!isRefused([facts, shard, marks, end(1)]))
        #expect(isRefused([facts, shard, marks, end(0)]))
        #expect(isRefused([facts, shard, marks, end(2)]))
        #expect(isRefused([facts, marks, end(0, 1)]))
        #expect(isRefused([facts, marks, end(0, 0, 1)]))
        #expect(isRefused([facts, marks, end() + [0]]))
        #expect(isRefused([facts, marks, Array(end().dropLast())]))
    }

    @Test func marksThatAreNotAllOrTooMany() {
        #expect(isRefused([facts, end()]))
        #expect(isRefused([facts, Array(marks.prefix(7)), end()]))
        #expect(isRefused([facts, Array(marks.prefix(12)), end()]))
        #expect(isRefused([facts, marks + Self.number(9, 6), end()]))
        #expect(isRefused([facts, marks, marks, end()]))
    }

    @Test func shardsThatDisagreeWithTheirMarks() {
        #expect(isRefused([facts, shard(0, mark: 6, ids: [0]), marks, end(1)]))
        #expect(isRefused([facts, marks, shard(0, mark: 6, ids: [0]), end(1)]))
        #expect(isRefused([facts, shard(0, mark: 7), shard(0, mark: 8), marks, end()]))
        #expect(isRefused([facts, shard(0, mark: 7), shard(1, mark: 8), shard(0, mark: 8), marks, end()]))
        #expect(isRefused([facts, shard(2, mark: 7), marks, end()]), "there are two shards")
    }

    @Test func recordsThatCannotBe() {
        #expect(isRefused([facts, shard(0, mark: 7, ids: [1]), marks, end(1)]), "a record of the other shard")
        #expect(isRefused([facts, Array(shard(0, mark: 7, ids: [0]).dropLast()), marks, end(1)]))
        #expect(isRefused([facts, shard(0, mark: 7) + [0, 1, 1], marks, end(1)]))
        #expect(isRefused([facts, shard(0, mark: 7) + [0, 0], marks, end(1)]))
        #expect(isRefused([facts, shard(0, mark: 7) + [0], marks, end()]))
        for count in 1..<11 {
            #expect(
                isRefused([facts, Array(shard(0, mark: 7).prefix(count)), [5] + Array(repeating: 0, count: 12), end()])
            )
        }
    }

    @Test func tablesThatCannotBe() throws {
        let cutOff: [UInt8] = [3] + Self.number(1, 6) + Self.number(2, 5) + Self.number(3, 5)
        #expect(try isComplete([facts, [3] + cutOff, marks, end(0, 1)]))
        #expect(isRefused([facts, [3] + cutOff.dropLast(), marks, end(0, 1)]))
        #expect(isRefused([facts, [3, 4] + cutOff.dropFirst(), marks, end(0, 1)]))
        let forced: [UInt8] = [3] + Self.number(1, 6) + Self.number(3, 5)
        #expect(try isComplete([facts, [4] + forced, marks, end(0, 0, 1)]))
        #expect(isRefused([facts, [4] + forced.dropLast(), marks, end(0, 0, 1)]))
        #expect(isRefused([facts, [4, 1, 0, 0] + forced.dropFirst(), marks, end(0, 0, 1)]), "a subject of no bytes")
    }

    @Test func factsThatCannotBe() {
        #expect(isRefused([facts + [0], marks, end()]))
        #expect(isRefused([Array(facts.dropLast()), marks, end()]))
        // The service clock, store time and `iat` begin at 15, 23 and 31; the number of keys at 39.
        for offset in [15, 23, 31] {
            var changed = facts
            changed[offset] = 1
            #expect(isRefused([changed, marks, end()]), "a clock beyond its bound")
        }
        var withoutKeys = Array(facts.prefix(41))
        withoutKeys[40] = 0
        #expect(isRefused([withoutKeys, marks, end()]))
        let key = Array(facts.dropFirst(41))
        var twoKeys = facts + key
        twoKeys[40] = 2
        #expect(isRefused([twoKeys, marks, end()]), "one key twice")
    }
}
