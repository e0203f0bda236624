import Glibc
import MintmarkStorage
import Testing

/// What a process sees of the simulated disk while nothing goes wrong: the same as of a real one.
@Suite struct SimulatedCacheTests {
    private let disk = SimulatedDisk(seed: 1)

    @Test func whatIsWrittenIsRead() throws {
        let file = try disk.create("journal")
        try file.allocate(10_000)
        let bytes: [UInt8] = (0..<9_000).map { UInt8($0 % 251) }
        try file.writeAll(bytes.span.bytes, at: 500)
        #expect(try file.byteCount() == 10_000)
        #expect(try disk.open("journal").read(at: 499, byteCount: 9_002) == [0] + bytes + [0])
        try file.truncate(to: 502)
        #expect(try file.read(at: 499, byteCount: 6) == [0, 0, 1])
        #expect(try file.read(at: 502, byteCount: 6).isEmpty)
        #expect(try file.read(at: 600, byteCount: 6).isEmpty)
        try file.writeAll(octets(7).span.bytes, at: 504)
        #expect(try file.read(at: 499, byteCount: 100) == [0, 0, 1, 0, 0, 7])
    }

    @Test func namesComeAndGo() throws {
        let one = try disk.create("one")
        try one.writeAll(octets(1).span.bytes, at: 0)
        _ = try disk.create("two")
        try disk.rename("one", to: "two")
        #expect(try disk.list() == ["two"])
        #expect(disk.contents.bytes(of: "two") == [1])
        try disk.remove("two")
        #expect(try disk.list().isEmpty)
        #expect(try one.read(at: 0, byteCount: 1) == [1], "an open file outlives its name")
    }

    @Test func faultsAreThoseOfARealDirectory() throws {
        _ = try disk.create("file")
        #expect(throws: StorageFault(.create, "file", code: EEXIST)) { try disk.create("file") }
        #expect(throws: StorageFault(.open, "none", code: ENOENT)) { try disk.open("none") }
        #expect(throws: StorageFault(.rename, "none", code: ENOENT)) { try disk.rename("none", to: "some") }
        #expect(throws: StorageFault(.remove, "none", code: ENOENT)) { try disk.remove("none") }
    }

    @Test func allocationNeverShortens() throws {
        let file = try disk.create("file")
        try file.writeAll([UInt8](repeating: 9, count: 100).span.bytes, at: 0)
        try file.allocate(50)
        #expect(try file.byteCount() == 100)
        #expect(try file.read(at: 0, byteCount: 100) == [UInt8](repeating: 9, count: 100))
    }

    @Test func theHistoryTellsEveryCall() throws {
        let file = try disk.create("file")
        try file.writeAll(octets(1, 2, 3).span.bytes, at: 4)
        try file.synchronize()
        _ = try? disk.open("none")
        disk.crash(power: .lost)
        let expected = """
            -- disk of seed 1
            1 create file
            2 write file 3 at 4
            3 synchronize file
            4 open none: No such file or directory
            -- power lost
            """
        #expect(disk.history == expected)
        #expect(disk.callCount == 4)
        #expect(disk.callCount(of: .write) == 1)
    }

    @Test func contentsCanBePutBack() throws {
        let file = try disk.create("file")
        try file.writeAll(octets(1).span.bytes, at: 0)
        let backup = disk.contents
        try file.writeAll(octets(2).span.bytes, at: 0)
        disk.contents = backup
        #expect(disk.contents.bytes(of: "file") == [1])
    }
}
