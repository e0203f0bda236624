import MintmarkCrypto
import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkStorage

@Suite struct StoreCheckTests {
    private let store: WrittenStore

    init() throws {
        store = try WrittenStore()
    }

    @Test func aSoundStoreIsDescribed() throws {
        let findings = store.check()
        #expect(findings.verdict == .sound)
        #expect(findings.keyID == 1)
        #expect(findings.masterIndex == 0)
        #expect(findings.snapshot?.file == "snapshot-0000000003")
        #expect(findings.snapshot?.counts.sessions == WrittenStore.sessionCount)
        #expect(findings.snapshot?.storeSeconds == WrittenStore.wallSeconds)
        #expect(findings.snapshot?.byteCount == (try store.place.read("snapshot-0000000003").count))
        #expect(findings.segments.map(\.file) == ["journal-0000000003"])
        #expect(findings.boxCount == 4)
        #expect(findings.eventCount == 4)
        let first = try #require(store.numbers["rotated 1"])
        let last = try #require(store.numbers["rotated 4"])
        #expect(findings.segments[0].numbers == first...last)
        let contents = try #require(findings.contents)
        #expect(contents.sessions == StoreFindings.SessionCounts(live: 10, expired: 0, cutOff: 1, revoked: 1))
        #expect(contents.cutOffs == 1)
        #expect(contents.lastLSN.rawValue == last)
        #expect(contents.clocks.storeSeconds == WrittenStore.wallSeconds)
        #expect(contents.honouredKeys == 1)
        #expect(findings.tornEnd == nil)
        #expect(findings.unusedFiles.isEmpty)
        #expect(findings.previous?.file == "snapshot-0000000002")
        #expect(findings.previous?.failure == nil)
        #expect(findings.previous?.lastLSN?.rawValue == last)
    }

    @Test func nothingIsChanged() throws {
        let segment = try store.place.read("journal-0000000003")
        try store.place.write(segment + [1, 2, 3], to: "journal-0000000003")
        try store.place.write([1], to: "manifest.new")
        let before = try store.place.contents()
        #expect(store.check().verdict == .torn)
        #expect(try store.place.contents() == before)
    }

    @Test func sessionsExpireByTheWallClock() throws {
        let findings = StoreCheck.run(
            store.place.open(isReadOnly: true),
            masters: [StorageFixture.master],
            wallSeconds: WrittenStore.wallSeconds + 10 * 365 * 86_400,
            random: SeededRandom(seed: 1)
        )
        #expect(findings.contents?.sessions.live == 0)
        #expect(findings.contents?.sessions.expired == 10)
    }

    @Test func aTornEndIsToldAndIsWhatAStartCutsOff() throws {
        let segment = try store.place.read("journal-0000000003")
        let end = try #require(segment.lastIndex { $0 != 0 }) + 1
        let offset = (end + 7) / 8 * 8
        var torn = segment
        torn[offset] = 0xAA
        try store.place.write(torn, to: "journal-0000000003")
        let findings = store.check()
        #expect(findings.verdict == .torn)
        #expect(findings.tornEnd?.file == "journal-0000000003")
        #expect(findings.tornEnd?.offset == offset)
        #expect(findings.tornEnd?.byteCount == segment.count - offset)
        #expect(findings.contents?.sessions.live == 10)
        let fixture = try store.start()
        #expect(fixture.report.cut?.offset == offset)
        store.expectEverySessionGoesOn(in: fixture)
        fixture.kill()
        let cut = "journal-0000000003.cut-\(offset)"
        #expect(store.check().unusedFiles == [cut])
    }

    @Test func whatCannotCountIsListed() throws {
        try store.place.write([], to: "manifest.new")
        try store.place.write([], to: "journal-0000000001")
        try store.place.write([], to: "snapshot-0000000009")
        try store.place.write([], to: "signing-key.pem")
        let findings = store.check()
        #expect(findings.verdict == .sound)
        #expect(findings.unusedFiles == ["journal-0000000001", "manifest.new", "snapshot-0000000009"])
    }

    @Test func theSnapshotBeforeMayBeBrokenInASoundStore() throws {
        try store.place.flip("snapshot-0000000002", at: 200)
        let findings = store.check()
        #expect(findings.verdict == .sound)
        #expect(findings.previous?.lastLSN == nil)
        #expect(findings.previous?.failure?.file == "snapshot-0000000002")
        #expect(store.startFailure() == nil)
    }

    @Test func aBrokenSegmentBesideTheSnapshotBeforeIsTold() throws {
        try store.place.flip("journal-0000000002", at: 200)
        let findings = store.check()
        #expect(findings.verdict == .sound)
        #expect(findings.previous?.failure?.file == "journal-0000000002")
        #expect(findings.previous?.lastLSN != nil)
    }

    @Test func anEmptyDirectoryHoldsNoStore() throws {
        let place = try TestDirectory()
        let findings = StoreCheck.run(
            place.open(isReadOnly: true),
            masters: [StorageFixture.master],
            wallSeconds: 0,
            random: SeededRandom(seed: 1)
        )
        #expect(findings.verdict == .absent)
    }

    @Test func theKeyThatOpensIsFound() throws {
        let other = SecretBytes(count: 32, random: SeededRandom(seed: 99))
        #expect(store.check(masters: [other, StorageFixture.master]).masterIndex == 1)
        let findings = store.check(masters: [other])
        #expect(findings.masterIndex == nil)
        #expect(findings.verdict == .damaged(RecoveryFailure("manifest", at: 0, .format(.notAuthentic))))
        #expect(findings.opensNothing)
    }

    @Test func aDamagedManifestIsNotTakenForAnotherKey() throws {
        try store.place.flip("manifest", at: 50)
        let findings = store.check()
        #expect(findings.verdict == .damaged(RecoveryFailure("manifest", at: 0, .format(.notAuthentic))))
        #expect(!findings.opensNothing)
    }

    struct Damage: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var file: String
        var change: @Sendable (TestDirectory) throws -> Void

        init(
            _ description: String,
            _ file: String,
            _ change: @escaping @Sendable (TestDirectory, String) throws -> Void
        ) {
            testDescription = "\(file): \(description)"
            self.file = file
            self.change = { try change($0, file) }
        }
    }

    static let damages: [Damage] = {
        var damages: [Damage] = []
        for file in ["manifest", "snapshot-0000000003", "journal-0000000003"] {
            damages.append(Damage("removed", file) { try $0.open().remove($1) })
            damages.append(Damage("emptied", file) { try $0.write([], to: $1) })
            damages.append(Damage("foreign", file) { try $0.flip($1, at: 0) })
            damages.append(Damage("newer", file) { try $0.flip($1, at: 8) })
            damages.append(Damage("another key's", file) { try $0.flip($1, at: file.hasPrefix("j") ? 11 : 10) })
            damages.append(Damage("flipped in its head", file) { try $0.flip($1, at: 40) })
            damages.append(
                Damage("a directory", file) { place, name in
                    try place.open().remove(name)
                    try place.open().createDirectory(name)
                }
            )
        }
        damages.append(Damage("cut off", "manifest") { try $0.write(Array($0.read($1).dropLast()), to: $1) })
        damages.append(Damage("cut off", "snapshot-0000000003") { try $0.write(Array($0.read($1).dropLast()), to: $1) })
        damages.append(Damage("longer", "snapshot-0000000003") { try $0.write($0.read($1) + [0], to: $1) })
        damages.append(Damage("flipped in its last chunk", "snapshot-0000000003") { try $0.flip($1, at: -3) })
        damages.append(
            Damage("the one before", "snapshot-0000000003") { place, name in
                try place.write(place.read("snapshot-0000000002"), to: name)
            }
        )
        damages.append(Damage("flipped in its first box", "journal-0000000003") { try $0.flip($1, at: 150) })
        damages.append(
            Damage("the one before", "journal-0000000003") { place, name in
                try place.write(place.read("journal-0000000002"), to: name)
            }
        )
        return damages
    }()

    /// Check and start never differ.
    @Test(arguments: damages) func damageIsFoundAsAStartFindsIt(damage: Damage) throws {
        try damage.change(store.place)
        let before = try store.place.contents()
        guard case .damaged(let failure) = store.check().verdict else {
            Issue.record("not found: \(store.check().verdict)")
            return
        }
        #expect(failure.file == damage.file)
        #expect(failure == store.startFailure())
        #expect(try store.place.contents() == before)
    }

    @Test func aSegmentThatIsMissingInTheMiddleIsNamedAndTheRestIsDescribed() throws {
        let fixture = try store.start()
        fixture.kill()
        let second = try store.start()
        second.kill()
        #expect(store.check().segments.count == 3)
        try store.place.open().remove("journal-0000000004")
        let findings = store.check()
        #expect(findings.verdict == .damaged(RecoveryFailure("journal-0000000004", .missing)))
        #expect(findings.segments.map(\.file) == ["journal-0000000003"])
        #expect(store.startFailure() == RecoveryFailure("journal-0000000004", .missing))
    }
}
