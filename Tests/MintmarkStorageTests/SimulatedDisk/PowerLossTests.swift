import Glibc
import MintmarkStorage
import Testing

/// What the simulated disk loses when the power goes, and what it does not.
@Suite struct PowerLossTests {
    private static let old = [UInt8](repeating: 1, count: 4 * 512)
    private static let new = [UInt8](repeating: 2, count: 4 * 512)

    /// A disk with one durable file.
    private func disk(_ seed: UInt64, holding bytes: [UInt8] = old) throws -> (SimulatedDisk, any StorageFile) {
        let disk = SimulatedDisk(seed: seed)
        let file = try disk.create("file")
        try file.writeAll(bytes.span.bytes, at: 0)
        try file.synchronize()
        try disk.synchronize()
        return (disk, file)
    }

    /// What can be left of one situation, over many seeds.
    private func outcomes<Outcome: Hashable>(
        of situation: (SimulatedDisk) throws -> Void,
        _ look: (DiskContents) -> Outcome
    ) throws -> Set<Outcome> {
        var seen: Set<Outcome> = []
        for seed in 0..<400 as Range<UInt64> {
            let (disk, _) = try disk(seed)
            try situation(disk)
            disk.crash(power: .lost)
            #expect(disk.contents.bytes(of: "file") == disk.contents.durableBytes(of: "file"))
            seen.insert(look(disk.contents))
        }
        return seen
    }

    private func open(_ disk: SimulatedDisk) throws -> any StorageFile {
        try disk.open("file")
    }

    @Test func whatWasSyncedStays() throws {
        let seen = try outcomes(
            of: { disk in
                let file = try open(disk)
                try file.writeAll(Self.new.span.bytes, at: 512)
                try file.synchronize()
                _ = try disk.create("other")
                try disk.synchronize()
            },
            { [$0.bytes(of: "file"), $0.bytes(of: "other")] }
        )
        #expect(seen == [[Array(Self.old[..<512]) + Self.new, []]])
    }

    @Test func aWriteIsTornAtSectors() throws {
        let seen = try outcomes(of: { try open($0).writeAll(Self.new.span.bytes, at: 0) }, { $0.bytes(of: "file") })
        // Each of the four sectors is old or new, independently, and none is a mixture.
        #expect(seen.count == 16)
        for bytes in seen.compactMap(\.self) {
            #expect(bytes.count == Self.old.count)
            for start in stride(from: 0, to: bytes.count, by: 512) {
                #expect(Set(bytes[start..<start + 512]).count == 1)
            }
        }
    }

    @Test func anOlderWriteMaySurviveANewerOne() throws {
        let seen = try outcomes(
            of: { disk in
                let file = try open(disk)
                try file.writeAll(octets(3).span.bytes, at: 0)
                try file.writeAll(octets(4).span.bytes, at: 0)
            },
            { $0.bytes(of: "file")?.first }
        )
        #expect(seen == [1, 3, 4])
    }

    @Test func anExtensionMayBeZero() throws {
        let seen = try outcomes(
            of: { try open($0).writeAll(Self.new.span.bytes, at: Self.old.count) },
            { contents -> [Int] in
                let bytes = contents.bytes(of: "file") ?? []
                return [bytes.count, Int(bytes.last ?? 0)]
            }
        )
        // The length stays, or grows over what was written or over nothing.
        #expect(seen == [[2_048, 1], [4_096, 2], [4_096, 0]])
    }

    @Test func aTruncationMayBeLost() throws {
        let seen = try outcomes(of: { try open($0).truncate(to: 100) }, { $0.bytes(of: "file")?.count })
        #expect(seen == [100, 2_048])
    }

    @Test func whatWasCutNeverComesBackBehindWhatWasKept() throws {
        let seen = try outcomes(
            of: { disk in
                let file = try open(disk)
                try file.truncate(to: 100)
                try file.synchronize()
                try file.allocate(2_048)
            },
            { $0.bytes(of: "file")?.dropFirst(100).max() ?? 0 }
        )
        #expect(seen == [0])
    }

    @Test func aFileIsDurableUnderItsNameAfterASyncOfTheDirectoryOnly() throws {
        let seen = try outcomes(
            of: { disk in
                let file = try disk.create("new")
                try file.writeAll(Self.new.span.bytes, at: 0)
                try file.synchronize()
            },
            { $0.bytes(of: "new") }
        )
        #expect(seen == [nil, Self.new])
    }

    @Test func aDurableNameSaysNothingOfTheContent() throws {
        let seen = try outcomes(
            of: { disk in
                try disk.create("new").writeAll(octets(9).span.bytes, at: 0)
                try disk.synchronize()
            },
            { $0.bytes(of: "new") }
        )
        #expect(seen == [[], [0], [9]])
    }

    @Test func aRenameHappensOrDoesNot() throws {
        let seen = try outcomes(
            of: { disk in
                let file = try disk.create("next")
                try file.writeAll(octets(9).span.bytes, at: 0)
                try file.synchronize()
                try disk.synchronize()
                try disk.rename("next", to: "file")
            },
            { [$0.bytes(of: "file")?.first, $0.bytes(of: "next")?.first] }
        )
        #expect(seen == [[1, 9], [9, nil]])
    }

    @Test func changesOfNamesAreKeptInAnyCombination() throws {
        let seen = try outcomes(
            of: { disk in
                _ = try disk.create("one")
                _ = try disk.create("two")
                try disk.remove("file")
            },
            { $0.fileNames }
        )
        #expect(seen.count == 8)
    }

    @Test func aKilledProcessLosesNothing() throws {
        let (disk, file) = try disk(3)
        try file.writeAll(Self.new.span.bytes, at: 0)
        _ = try disk.create("other")
        try disk.remove("file")
        disk.crash(power: .kept)
        #expect(disk.contents.fileNames == ["other"])
        #expect(disk.contents.durableBytes(of: "file") == Self.old, "and makes nothing durable")
    }

    @Test func filesOfAnEarlierLifeAreOfNoUse() throws {
        let (disk, file) = try disk(3)
        disk.crash(power: .kept)
        #expect(throws: StorageFault(.write, "file", code: EIO)) { try file.writeAll(octets(1).span.bytes, at: 0) }
        #expect(throws: StorageFault(.synchronize, "file", code: EIO)) { try file.synchronize() }
        #expect(throws: StorageFault(.stat, "file", code: EIO)) { try file.byteCount() }
        #expect(try disk.open("file").read(at: 0, byteCount: 1) == [1])
    }

    @Test func oneSeedIsOneDisk() throws {
        func run() throws -> [UInt8]? {
            let (disk, file) = try disk(42)
            for index in 0..<50 {
                try file.writeAll([UInt8](repeating: UInt8(index), count: 700).span.bytes, at: index * 300)
            }
            disk.crash(power: .lost)
            return disk.contents.bytes(of: "file")
        }
        #expect(try run() == run())
    }
}
