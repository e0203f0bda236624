import MintmarkSessionsTestSupport
import MintmarkTestSupport
import Testing

@testable import MintmarkSessions

/// The canonical encodings: every value comes back, and bytes that are no encoding are refused.
@Suite struct EncodingTests {
    static let seeds: [UInt64] = Array(0..<40)

    /// What a rotation may take is reserved for it: one that took more would stop the server.
    @Test func theLongestRotationHasJustTheRoomThatIsReserved() {
        let rotation = SessionRotation(
            current: TokenGeneration(epoch: StoreEpoch(rawValue: .max), number: .max),
            previousEpoch: StoreEpoch(rawValue: 1),
            rotatedAtMilliseconds: 1 << 48 - 1,
            graceStreak: .max,
            contextHash: ContextHash(high: 1, low: 2),
            lastUsedSeconds: 1 << 40 - 1,
            idleExpirySeconds: 1 << 40 - 1,
            accessTokenExpirySeconds: 1 << 40 - 1,
            forcedRotation: ForcedRotation(markLSN: .max, stage: .begun)
        )
        let bytes = encoded(.changed(SessionID(high: 1, low: 2), .rotated(rotation)))
        #expect(bytes.count == 1 + SessionID.byteCount + SessionRotation.encodedByteCountMax)
        #expect(SessionEvent(decoding: bytes.span.bytes) == .changed(SessionID(high: 1, low: 2), .rotated(rotation)))
    }

    private func encoded(_ record: SessionRecord) -> [UInt8] {
        var bytes: [UInt8] = []
        record.encode(appendingTo: &bytes)
        return bytes
    }

    private func encoded(_ event: SessionEvent) -> [UInt8] {
        var bytes: [UInt8] = []
        event.encode(appendingTo: &bytes)
        return bytes
    }

    /// Records and events as a busy store makes them.
    private func busyStore(_ seed: UInt64) -> StoreFixture {
        let fixture = StoreFixture(journal: TestJournal(), seed: seed)
        var walk = StoreWalk(seed: seed)
        for _ in 0..<60 {
            walk.step(fixture)
        }
        return fixture
    }

    @Test(arguments: seeds)
    func recordsComeBack(seed: UInt64) {
        let fixture = busyStore(seed)
        fixture.forEachRecord { record in
            let bytes = encoded(record)
            #expect(SessionRecord(decoding: bytes.span.bytes) == record)
        }
    }

    @Test(arguments: seeds)
    func eventsComeBackAndAreSmall(seed: UInt64) throws {
        for entry in busyStore(seed).journal.entries {
            let event = try #require(entry.event)
            #expect(encoded(event) == entry.bytes)
            #expect(event.isAlwaysSynced == entry.isAlwaysSynced)
            if case .changed(_, .rotated) = event {
                #expect(entry.bytes.count <= 100)
            }
        }
    }

    @Test(arguments: seeds.prefix(8))
    func everyTruncationIsRefused(seed: UInt64) {
        let fixture = busyStore(seed)
        fixture.forEachRecord { record in
            let bytes = encoded(record)
            for count in bytes.indices {
                let cut = Array(bytes[..<count])
                #expect(SessionRecord(decoding: cut.span.bytes) == nil)
            }
            let longer = bytes + [0]
            #expect(SessionRecord(decoding: longer.span.bytes) == nil)
        }
        for entry in fixture.journal.entries.prefix(30) {
            for count in entry.bytes.indices {
                let cut = Array(entry.bytes[..<count])
                #expect(SessionEvent(decoding: cut.span.bytes) == nil)
            }
            let longer = entry.bytes + [0]
            #expect(SessionEvent(decoding: longer.span.bytes) == nil)
        }
    }

    /// One spelling: whatever is accepted encodes to the very bytes it came from.
    @Test(arguments: seeds.prefix(4))
    func everyFlippedBitIsRefusedOrIsAnotherValue(seed: UInt64) {
        let fixture = busyStore(seed)
        fixture.forEachRecord { record in
            let bytes = encoded(record)
            for (index, bit) in flips(of: bytes) {
                var flipped = bytes
                flipped[index] ^= 1 << bit
                guard let other = SessionRecord(decoding: flipped.span.bytes) else { continue }
                #expect(other != record)
                #expect(encoded(other) == flipped)
            }
        }
        for entry in fixture.journal.entries.prefix(30) {
            for (index, bit) in flips(of: entry.bytes) {
                var flipped = entry.bytes
                flipped[index] ^= 1 << bit
                guard let other = SessionEvent(decoding: flipped.span.bytes) else { continue }
                #expect(encoded(other) == flipped)
            }
        }
    }

    private func flips(of bytes: [UInt8]) -> [(Int, Int)] {
        bytes.indices.flatMap { index in (0..<8).map { (index, $0) } }
    }

    struct Refused: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let offset: Int
        let bytes: [UInt8]
    }

    @Test(arguments: [
        Refused(testDescription: "another version", offset: 0, bytes: [2]),
        Refused(testDescription: "a flag that means nothing", offset: 1, bytes: [0x02]),
        Refused(testDescription: "an unknown reason", offset: 2, bytes: [0x0D]),
        Refused(testDescription: "a tombstone with texts", offset: 1, bytes: [0x01, 0x09]),
        Refused(testDescription: "a previous epoch in generation 0", offset: 44, bytes: [1]),
        Refused(testDescription: "grace uses without an answer", offset: 52, bytes: [1]),
        Refused(testDescription: "a context without its flag", offset: 101, bytes: [1]),
        Refused(testDescription: "a forced rotation without a mark", offset: 2, bytes: [0x28]),
        Refused(testDescription: "idle beyond absolute", offset: 70, bytes: [0xFF]),
        Refused(testDescription: "no client", offset: 102, bytes: [0]),
        Refused(testDescription: "no subject", offset: 103, bytes: [0, 0]),
        Refused(testDescription: "a broken audience list", offset: 122, bytes: [9]),
    ])
    func recordsThatCannotBeAreRefused(_ row: Refused) throws {
        let fixture = StoreFixture()
        let opened = try #require(fixture.open().granted)
        let record = try #require(fixture.record(opened.sessionID))
        var bytes = encoded(record)
        bytes.replaceSubrange(row.offset..<(row.offset + row.bytes.count), with: row.bytes)
        #expect(SessionRecord(decoding: bytes.span.bytes) == nil)
    }

    /// Pins the layout: nothing may move in it without a new format version.
    @Test func theLayoutIsAsDocumented() throws {
        let id = SessionID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10)
        var state = SessionState(
            opening: id,
            epoch: StoreEpoch(rawValue: 0x1112_1314_1516_1718),
            createdSeconds: 0x21,
            idleExpirySeconds: 0x22,
            absoluteExpirySeconds: 0x23,
            rotatedAtMilliseconds: 0x24
        )
        state.openLSN = LogSequenceNumber(0x25)
        state.accessTokenExpirySeconds = 0x26
        let list = audience("c")
        let terms = SessionTerms(client: [0x61], subject: [0x62], audience: list, scope: [0x64], claims: [0x65])
        let expected =
            "01 0008 0102030405060708090a0b0c0d0e0f10 000000000025 1112131415161718 00000000 0000000000000000"
            + " 000000000024 0000 0000 0000000021 0000000021 0000000023 0000000022 0000000026 000000000000"
            + " 00000000000000000000000000000000 01 0001 0003 0001 0001 61 62 000163 64 65"
        let bytes = RefreshTokenCodecTests.bytes(hex: expected.filter { $0 != " " })
        #expect(encoded(SessionRecord(state: state, terms: terms)) == bytes)
    }
}
