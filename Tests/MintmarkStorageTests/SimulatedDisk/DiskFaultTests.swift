import Glibc
import MintmarkStorage
import Testing

/// Failures of the simulated disk, and deaths of the process that uses it.
@Suite struct DiskFaultTests {
    private let disk = SimulatedDisk(seed: 5)
    private static let bytes = [UInt8](repeating: 7, count: 5_000)

    @Test func oneCallFails() throws {
        disk.inject(DiskFault(.fail(EIO), at: 2))
        _ = try disk.create("one")
        #expect(throws: StorageFault(.create, "two", code: EIO)) { try disk.create("two") }
        _ = try disk.create("three")
        #expect(disk.contents.fileNames == ["one", "three"])
    }

    @Test func oneCallOfAKindFails() throws {
        disk.inject(DiskFault(.fail(EIO), at: 2, of: .write))
        let file = try disk.create("file")
        try file.writeAll(octets(1).span.bytes, at: 0)
        try file.synchronize()
        #expect(throws: StorageFault(.write, "file", code: EIO)) { try file.writeAll(octets(2).span.bytes, at: 0) }
        try file.writeAll(octets(3).span.bytes, at: 0)
    }

    @Test func aLastingFaultEndsWithHealing() throws {
        disk.inject(DiskFault(.fail(EIO), at: 1, of: .create, isLasting: true))
        for _ in 0..<3 {
            #expect(throws: StorageFault(.create, "file", code: EIO)) { try disk.create("file") }
        }
        disk.heal()
        _ = try disk.create("file")
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func aShortWriteDoesSomeButNotAll(seed: UInt64) throws {
        let disk = SimulatedDisk(seed: seed)
        disk.inject(DiskFault(.fallShort, at: 1, of: .write))
        let file = try disk.create("file")
        let count = try Self.bytes.withUnsafeBytes { try file.write($0, at: 0) }
        #expect((1..<Self.bytes.count).contains(count))
        #expect(disk.contents.bytes(of: "file") == Array(Self.bytes[..<count]))
        let rest = Array(Self.bytes[count...])
        try file.writeAll(rest.span.bytes, at: count)
        #expect(disk.contents.bytes(of: "file") == Self.bytes)
    }

    @Test func aFailedWriteMayHaveDoneAPart() throws {
        var counts: Set<Int> = []
        for seed in 0..<50 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            disk.inject(DiskFault(.fail(EIO), at: 1, of: .write))
            let file = try disk.create("file")
            _ = try? file.writeAll(Self.bytes.span.bytes, at: 0)
            counts.insert(try file.byteCount())
        }
        #expect(counts.count > 20)
    }

    // MARK: Space

    @Test(arguments: [-1, 0, 1])
    func allocationTakesSpaceOrFails(excess: Int) throws {
        disk.byteCountMax = 8_192
        let file = try disk.create("file")
        if excess > 0 {
            #expect(throws: StorageFault(.allocate, "file", code: ENOSPC)) { try file.allocate(8_192 + excess) }
            #expect(try file.byteCount() == 0)
        } else {
            try file.allocate(8_192 + excess)
            #expect(disk.byteCount == 8_192)
        }
    }

    @Test func whatIsAllocatedCanBeWrittenOnAFullDisk() throws {
        disk.byteCountMax = 8_192
        let file = try disk.create("file")
        try file.allocate(8_192)
        let other = try disk.create("other")
        #expect(throws: StorageFault(.write, "other", code: ENOSPC)) { try other.writeAll(octets(1).span.bytes, at: 0) }
        try file.writeAll(Self.bytes.span.bytes, at: 0)
        try file.truncate(to: 4_096)
        try other.writeAll(octets(1).span.bytes, at: 0)
        try disk.remove("file")
        #expect(disk.byteCount == 4_096)
    }

    @Test func aWriteFillsWhatIsLeft() throws {
        disk.byteCountMax = 4_096
        let file = try disk.create("file")
        #expect(try Self.bytes.withUnsafeBytes { try file.write($0, at: 0) } == 4_096)
        #expect(throws: StorageFault(.write, "file", code: ENOSPC)) {
            try file.writeAll(octets(1).span.bytes, at: 4_096)
        }
        try file.writeAll(octets(1).span.bytes, at: 4_095)
    }

    @Test func aReadOnlyDiskCanBeReadOnly() throws {
        let file = try disk.create("file")
        try file.writeAll(octets(1).span.bytes, at: 0)
        disk.isReadOnly = true
        #expect(throws: StorageFault(.write, "file", code: EROFS)) { try file.writeAll(octets(1).span.bytes, at: 0) }
        #expect(throws: StorageFault(.allocate, "file", code: EROFS)) { try file.allocate(1) }
        #expect(throws: StorageFault(.truncate, "file", code: EROFS)) { try file.truncate(to: 0) }
        #expect(throws: StorageFault(.synchronize, "file", code: EROFS)) { try file.synchronize() }
        #expect(throws: StorageFault(.create, "other", code: EROFS)) { try disk.create("other") }
        #expect(throws: StorageFault(.open, "file", code: EROFS)) { try disk.open("file") }
        #expect(throws: StorageFault(.rename, "file", code: EROFS)) { try disk.rename("file", to: "other") }
        #expect(throws: StorageFault(.remove, "file", code: EROFS)) { try disk.remove("file") }
        #expect(throws: StorageFault(.synchronizeDirectory, ".", code: EROFS)) { try disk.synchronize() }
        #expect(try file.read(at: 0, byteCount: 1) == [1])
        #expect(try disk.list() == ["file"])
    }

    // MARK: Failed syncs

    /// As on Linux: the pages count as clean, a later sync works and proves nothing.
    @Test func aSyncAfterAFailedOneProvesNothing() throws {
        var lost = 0
        for seed in 0..<40 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            disk.inject(DiskFault(.fail(EIO), at: 1, of: .synchronize))
            let file = try disk.create("file")
            try disk.synchronize()
            try file.writeAll(Self.bytes.span.bytes, at: 0)
            #expect(throws: StorageFault(.synchronize, "file", code: EIO)) { try file.synchronize() }
            try file.synchronize()
            #expect(disk.contents.bytes(of: "file") == Self.bytes, "the cache still has it")
            #expect(disk.contents.durableBytes(of: "file")?.count == Self.bytes.count)
            lost += disk.contents.durableBytes(of: "file") == Self.bytes ? 0 : 1
        }
        #expect(lost > 35)
    }

    @Test func whatIsWrittenAgainGoesToTheDiskAgain() throws {
        disk.inject(DiskFault(.fail(EIO), at: 1, of: .synchronize))
        let file = try disk.create("file")
        try disk.synchronize()
        try file.writeAll(Self.bytes.span.bytes, at: 0)
        try? file.synchronize()
        // One byte in each page.
        try file.writeAll(octets(7).span.bytes, at: 0)
        try file.writeAll(octets(7).span.bytes, at: 4_999)
        try file.synchronize()
        #expect(disk.contents.durableBytes(of: "file") == Self.bytes)
    }

    @Test func theCacheMayForgetWhatAFailedSyncLeft() throws {
        var seen: Set<Bool> = []
        for seed in 0..<40 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            disk.inject(DiskFault(.fail(EIO), at: 1, of: .synchronize))
            let file = try disk.create("file")
            try file.writeAll(Self.bytes.span.bytes, at: 0)
            try? file.synchronize()
            disk.crash(power: .kept)
            seen.insert(disk.contents.bytes(of: "file") == Self.bytes)
        }
        #expect(seen == [true, false])
    }

    @Test func aFailedSyncOfTheDirectoryLosesNames() throws {
        var seen: Set<Set<String>> = []
        for seed in 0..<100 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            disk.inject(DiskFault(.fail(EIO), at: 1, of: .synchronizeDirectory))
            _ = try disk.create("one")
            _ = try disk.create("two")
            #expect(throws: StorageFault(.synchronizeDirectory, ".", code: EIO)) { try disk.synchronize() }
            try disk.synchronize()
            #expect(disk.contents.fileNames == ["one", "two"])
            disk.crash(power: .lost)
            seen.insert(disk.contents.fileNames)
        }
        #expect(seen.count == 4)
    }

    @Test func whatAFailedSyncOfTheDirectoryLostIsNotFoundByTheNextProcess() throws {
        var seen: Set<Set<String>> = []
        for seed in 0..<100 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            disk.inject(DiskFault(.fail(EIO), at: 1, of: .synchronizeDirectory))
            _ = try disk.create("one")
            try? disk.synchronize()
            try disk.synchronize()
            disk.crash(power: .kept)
            seen.insert(disk.contents.fileNames)
        }
        #expect(seen == [["one"], []])
    }

    // MARK: Deaths

    @Test(arguments: DiskDeath.Moment.allCases)
    func aProcessDiesAtACall(moment: DiskDeath.Moment) throws {
        let file = try disk.create("file")
        disk.die(at: 2, moment)
        let dead = SimulatedDisk.deadCode
        #expect(throws: StorageFault(.write, "file", code: dead)) { try file.writeAll(Self.bytes.span.bytes, at: 0) }
        #expect(disk.isDead)
        #expect(throws: StorageFault(.list, ".", code: dead)) { try disk.list() }
        #expect(disk.callCount == 2, "the dead call nothing")
        let count = disk.contents.bytes(of: "file")?.count ?? 0
        switch moment {
        case .before: #expect(count == 0)
        case .halfway: #expect((1..<Self.bytes.count).contains(count))
        case .after: #expect(count == Self.bytes.count)
        }
        disk.crash(power: .kept)
        #expect(!disk.isDead)
        #expect(try disk.list() == ["file"])
    }

    @Test func rotIsThereInCacheAndOnDisk() throws {
        let file = try disk.create("file")
        try file.writeAll(octets(1, 2, 3).span.bytes, at: 0)
        try file.synchronize()
        try disk.synchronize()
        disk.flip(0x80, at: 1, of: "file")
        #expect(try file.read(at: 0, byteCount: 3) == [1, 0x82, 3])
        #expect(disk.contents.durableBytes(of: "file") == [1, 0x82, 3])
    }
}
