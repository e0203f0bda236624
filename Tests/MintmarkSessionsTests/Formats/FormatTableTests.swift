import MintmarkCrypto
import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkSessions

/// Holds the encodings against the tables of `Protocol/journal.md` and `Protocol/snapshot.md`, field by field.
@Suite struct FormatTableTests {
    private let keys = StorageSamples.keys
    private let storeID = StorageSamples.storeID
    private let storeIDBytes: [UInt8] = Array(1...16)

    private func isTag(_ tag: ArraySlice<UInt8>, of message: ArraySlice<UInt8>, by tagger: KeyedBLAKE2b) -> Bool {
        let (tag, message) = (Array(tag), Array(message))
        return tagger.isValid(tag: tag.span.bytes, for: message.span.bytes)
    }

    @Test func segmentHeader() throws {
        let table = try FormatTable(behind: "## Segment", in: "journal.md")
        #expect(table.isContiguous)
        #expect(table.byteCount == JournalSegmentHeader.byteCount)
        let header = JournalSegmentHeader(
            origin: .restart,
            keyID: 1,
            storeID: storeID,
            number: 0x1112_1314_1516_1718,
            lastLSN: LogSequenceNumber(0x2122_2324_2526),
            link: JournalLink(high: 0x3132_3334_3536_3738, low: 0x393A_3B3C_3D3E_3F40),
            durableLSN: LogSequenceNumber(0x4142_4344_4546),
            firstBoxNumber: 0x5152_5354_5556_5758,
            random: SeededRandom(seed: 1)
        )
        var bytes: [UInt8] = []
        let tag = header.encode(with: keys, appendingTo: &bytes)
        #expect(
            try table.bytes("`4D 4D 4A 4F 55 52 0D 0A`", of: bytes) == [0x4D, 0x4D, 0x4A, 0x4F, 0x55, 0x52, 0x0D, 0x0A]
        )
        #expect(try table.number("format version", of: bytes) == 1)
        #expect(try table.number("origin", of: bytes) == 3)
        #expect(try table.number("id of the master key", of: bytes) == 1)
        #expect(try table.bytes("store id", of: bytes) == storeIDBytes)
        #expect(try table.number("segment number", of: bytes) == 0x1112_1314_1516_1718)
        #expect(try table.number("LSN of the last event", of: bytes) == 0x2122_2324_2526)
        #expect(try table.bytes("*link*", of: bytes) == Array(0x31...0x40))
        #expect(try table.number("greatest LSN that was durable", of: bytes) == 0x4142_4344_4546)
        #expect(try table.number("number of the first box", of: bytes) == 0x5152_5354_5556_5758)
        #expect(try table.bytes("salt", of: bytes) == header.salt)
        let mac = try table.row("`mac(header key")
        #expect(JournalLink(last: bytes.span.bytes) == tag && mac.range == 128..<144)
        for row in table.rows where row.content == "zero" {
            #expect(bytes[row.range].allSatisfy { $0 == 0 })
        }
        // The MAC is made of what the table says, with a key made as the document says.
        let headerKey = KeyDerivation.derive(
            from: SecretBytes(count: 32, random: SeededRandom(seed: 1)),
            context: "mmjrnhdr",
            id: 1,
            count: 32
        )
        let expected = KeyedBLAKE2b(key: headerKey, tagByteCount: 16)
        #expect(isTag(bytes[mac.range], of: bytes[..<128], by: expected))
    }

    @Test func box() throws {
        let table = try FormatTable(behind: "## Box", in: "journal.md")
        #expect(table.isContiguous)
        #expect(table.byteCount == JournalBox.headerByteCount + 24, "the nonce is the last row with a fixed size")
        #expect(JournalBox.overheadByteCount == table.byteCount + 16)
        let segment = StorageSamples.header()
        var bytes: [UInt8] = []
        _ = JournalSegmentCipher(segment, keys: keys).seal(
            StorageSamples.entries([[10], [10], [10]], from: 0x2122_2324_2526),
            number: 0x1112_1314_1516_1718,
            link: JournalLink(high: 0x3132_3334_3536_3738, low: 0x393A_3B3C_3D3E_3F40),
            durableLSN: LogSequenceNumber(0x4142_4344_4546),
            clocks: JournalClocks(
                serviceMilliseconds: 0x5152_5354_5556,
                storeSeconds: 0x61_6263_6465,
                issuedAtMax: 0x71_7273_7475
            ),
            random: SeededRandom(seed: 5),
            appendingTo: &bytes
        )
        #expect(try table.bytes("`4D 4D 42 58`", of: bytes) == [0x4D, 0x4D, 0x42, 0x58])
        #expect(try table.number("length of the box", of: bytes) == UInt64(bytes.count))
        #expect(try table.number("box number", of: bytes) == 0x1112_1314_1516_1718)
        #expect(try table.number("LSN of the first event", of: bytes) == 0x2122_2324_2526)
        #expect(try table.number("number of events", of: bytes) == 3)
        #expect(try table.number("zero", of: bytes) == 0)
        #expect(try table.bytes("tag of the box before", of: bytes) == Array(0x31...0x40))
        #expect(try table.number("*synced through*", of: bytes) == 0x4142_4344_4546)
        #expect(try table.number("service clock", of: bytes) == 0x5152_5354_5556)
        #expect(try table.number("store time", of: bytes) == 0x61_6263_6465)
        #expect(try table.number("greatest `iat`", of: bytes) == 0x71_7273_7475)
        #expect(try table.bytes("nonce", of: bytes) == SeededRandom(seed: 5).bytes(count: 24))
    }

    @Test func snapshotHeader() throws {
        let table = try FormatTable(behind: "## Snapshot", in: "snapshot.md")
        #expect(table.isContiguous)
        #expect(table.byteCount == SnapshotHeader.byteCount)
        let header = SnapshotHeader(
            keyID: 1,
            shardCount: 256,
            storeID: storeID,
            id: StorageID(high: 0x1112_1314_1516_1718, low: 0x191A_1B1C_1D1E_1F20),
            firstSegment: 0x2122_2324_2526_2728,
            random: SeededRandom(seed: 1)
        )
        let bytes = header.encode(with: keys)
        #expect(
            try table.bytes("`4D 4D 53 4E 41 50 0D 0A`", of: bytes) == [0x4D, 0x4D, 0x53, 0x4E, 0x41, 0x50, 0x0D, 0x0A]
        )
        #expect(try table.number("format version", of: bytes) == 1)
        #expect(try table.number("id of the master key", of: bytes) == 1)
        #expect(try table.number("zero", of: bytes) == 0)
        #expect(try table.number("number of shards", of: bytes) == 256)
        #expect(try table.bytes("store id", of: bytes) == storeIDBytes)
        #expect(try table.bytes("snapshot id", of: bytes) == Array(0x11...0x20))
        #expect(try table.number("number of the first segment", of: bytes) == 0x2122_2324_2526_2728)
        #expect(try table.bytes("salt", of: bytes) == header.salt)
        #expect(try table.bytes("header of the secretstream", of: bytes) == header.streamHeader)
        let mac = try table.row("`mac(kdf(\"mmsnphdr\", 1)")
        #expect(isTag(bytes[mac.range], of: bytes[..<112], by: keys.snapshotHeader))
    }

    @Test func manifest() throws {
        let table = try FormatTable(behind: "## Manifest", in: "snapshot.md")
        #expect(table.isContiguous)
        #expect(table.byteCount == StoreManifest.byteCount)
        let manifest = StoreManifest(
            keyID: 1,
            storeID: storeID,
            snapshot: .init(id: StorageID(high: 0x1112_1314_1516_1718, low: 0x191A_1B1C_1D1E_1F20), firstSegment: 0x21),
            snapshotTag: JournalLink(high: 0x3132_3334_3536_3738, low: 0x393A_3B3C_3D3E_3F40),
            snapshotByteCount: 0x4142_4344_4546_4748,
            lastLSN: LogSequenceNumber(0x5152_5354_5556),
            epoch: StoreEpoch(rawValue: 0x6162_6364_6566_6768),
            previous: .init(id: StorageID(high: 0x7172_7374_7576_7778, low: 0x797A_7B7C_7D7E_7F80), firstSegment: 0x22),
            clocks: JournalClocks(serviceMilliseconds: 0x2324_2526, storeSeconds: 0x2728_292A, issuedAtMax: 0)
        )
        let bytes = manifest.encode(with: keys)
        #expect(
            try table.bytes("`4D 4D 4D 41 4E 49 0D 0A`", of: bytes) == [0x4D, 0x4D, 0x4D, 0x41, 0x4E, 0x49, 0x0D, 0x0A]
        )
        #expect(try table.number("format version", of: bytes) == 1)
        #expect(try table.number("id of the master key", of: bytes) == 1)
        #expect(try table.bytes("store id", of: bytes) == storeIDBytes)
        #expect(try table.bytes("id of the snapshot", of: bytes) == Array(0x11...0x20))
        #expect(try table.bytes("id of the snapshot before", of: bytes) == Array(0x71...0x80))
        #expect(try table.number("length of the snapshot", of: bytes) == 0x4142_4344_4546_4748)
        #expect(try table.bytes("the last 16 bytes", of: bytes) == Array(0x31...0x40))
        #expect(try table.number("number of the first segment needed;", of: bytes) == 0x21)
        #expect(try table.number("number of the first segment needed beside", of: bytes) == 0x22)
        #expect(try table.number("greatest LSN", of: bytes) == 0x5152_5354_5556)
        #expect(try table.number("epoch", of: bytes) == 0x6162_6364_6566_6768)
        #expect(try table.number("service clock", of: bytes) == 0x2324_2526)
        #expect(try table.number("store time", of: bytes) == 0x2728_292A)
        for row in table.rows where row.content == "zero" {
            #expect(bytes[row.range].allSatisfy { $0 == 0 })
        }
        let mac = try table.row("`hash(kdf(\"mmmanife\", 1)")
        #expect(isTag(bytes[mac.range], of: bytes[..<152], by: keys.manifest))
    }

    @Test func record() throws {
        let table = try FormatTable(behind: "### Record", in: "snapshot.md")
        #expect(table.isContiguous)
        #expect(table.byteCount == SessionRecordFormat.fixedByteCount)
        let bytes = encodedRecord
        #expect(SessionRecord(decoding: bytes.span.bytes) != nil)
        #expect(try table.number("format version", of: bytes) == 1)
        #expect(try table.number("flags", of: bytes) == 0b1101_1010)
        #expect(try table.bytes("session id", of: bytes) == Array(0x01...0x10))
        #expect(try table.number("LSN of its OPEN", of: bytes) == 0x1112_1314_1516)
        #expect(try table.number("epoch of the current token", of: bytes) == 0x2222_2324_2526_2728)
        #expect(try table.number("generation of the current token", of: bytes) == 0x3132_3334)
        #expect(try table.number("epoch of the previous token", of: bytes) == 0x2122_2324_2526_2728)
        #expect(try table.number("when the current generation began", of: bytes) == 0x4142_4344_4546)
        #expect(try table.number("grace answers counted", of: bytes) == 0x5152)
        #expect(try table.number("generations in a row", of: bytes) == 0x5354)
        #expect(try table.number("created", of: bytes) == 0x01_0203_0405)
        #expect(try table.number("last used", of: bytes) == 0x01_0203_0406)
        #expect(try table.number("absolute expiry", of: bytes) == 0x01_0203_0409)
        #expect(try table.number("idle expiry", of: bytes) == 0x01_0203_0408)
        #expect(try table.number("greatest `exp`", of: bytes) == 0x61_6263_6465)
        #expect(try table.number("LSN of the newest forced rotation", of: bytes) == 0x7172_7374_7576)
        #expect(try table.bytes("context hash", of: bytes) == Array(0x81...0x90))
        #expect(try table.number("length of the client id", of: bytes) == 2)
        #expect(try table.number("length of the subject", of: bytes) == 3)
        #expect(try table.number("length of the audience list", of: bytes) == 3)
        #expect(try table.number("length of the scope", of: bytes) == 5)
        #expect(try table.number("length of the claims", of: bytes) == 6)
        let texts = Array("clsub".utf8) + [0, 1, 97] + Array("scopeclaims".utf8)
        #expect(Array(bytes.dropFirst(table.byteCount)) == texts)
    }

    /// A record whose every field has a value of its own: revoked for reuse, released, with a grace answer, begun under
    /// a mark, with a context.
    private var encodedRecord: [UInt8] {
        let state = SessionState(
            id: SessionID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10),
            openLSN: LogSequenceNumber(0x1112_1314_1516),
            current: TokenGeneration(epoch: StoreEpoch(rawValue: 0x2222_2324_2526_2728), number: 0x3132_3334),
            previousEpoch: StoreEpoch(rawValue: 0x2122_2324_2526_2728),
            rotatedAtMilliseconds: 0x4142_4344_4546,
            isRotationReleased: true,
            graceUses: 0x5152,
            graceStreak: 0x5354,
            hasGraceAnswer: true,
            contextHash: ContextHash(high: 0x8182_8384_8586_8788, low: 0x898A_8B8C_8D8E_8F90),
            createdSeconds: 0x01_0203_0405,
            lastUsedSeconds: 0x01_0203_0406,
            absoluteExpirySeconds: 0x01_0203_0409,
            idleExpirySeconds: 0x01_0203_0408,
            accessTokenExpirySeconds: 0x61_6263_6465,
            revocation: .reuse,
            forcedRotation: ForcedRotation(markLSN: LogSequenceNumber(0x7172_7374_7576), stage: .begun),
            isTombstone: false
        )
        let terms = SessionTerms(
            client: Array("cl".utf8),
            subject: Array("sub".utf8),
            audience: [0, 1, 97],
            scope: Array("scope".utf8),
            claims: Array("claims".utf8)
        )
        var bytes: [UInt8] = []
        SessionRecord(state: state, terms: terms).encode(appendingTo: &bytes)
        return bytes
    }
}

extension SeededRandom {
    /// Its next bytes.
    func bytes(count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.withUnsafeMutableBytes { fill($0) }
        return bytes
    }
}
