import Glibc
import Testing

@testable import MintmarkStorage

@Suite struct DiskDirectoryTests {
    private let place: TestDirectory
    private let directory: DiskDirectory

    init() throws {
        place = try TestDirectory()
        directory = place.open()
    }

    @Test func whatIsWrittenIsRead() throws {
        let file = try directory.create("journal")
        try file.allocate(4_096)
        let bytes: [UInt8] = [1, 2, 3, 4]
        try file.writeAll(bytes.span.bytes, at: 100)
        try file.synchronize()
        #expect(try file.byteCount() == 4_096)
        #expect(try directory.open("journal").read(at: 99, byteCount: 6) == [0, 1, 2, 3, 4, 0])
        try file.truncate(to: 102)
        #expect(try file.read(at: 99, byteCount: 6) == [0, 1, 2])
        #expect(try file.read(at: 102, byteCount: 6).isEmpty)
    }

    @Test func namesComeAndGo() throws {
        _ = try directory.create("one")
        _ = try directory.create("two")
        try directory.rename("one", to: "two")
        try directory.synchronize()
        #expect(try directory.list() == ["two"])
        try directory.remove("two")
        #expect(try directory.list().isEmpty)
    }

    @Test func createReplacesNothing() throws {
        _ = try directory.create("file")
        #expect(throws: StorageFault(.create, "file", code: EEXIST)) { try directory.create("file") }
    }

    @Test func filesAreForThisUserOnly() throws {
        _ = try directory.create("file")
        var status = stat()
        #expect(lstat("\(place.path)/file", &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o600)
    }

    @Test func linksAndPipesAreNotOpened() throws {
        _ = try directory.create("file")
        #expect(symlink("\(place.path)/file", "\(place.path)/link") == 0)
        #expect(mkfifo("\(place.path)/pipe", 0o600) == 0)
        #expect(throws: StorageFault(.open, "link", code: ELOOP)) { try directory.open("link") }
        #expect(throws: StorageFault(.open, "pipe", code: EINVAL)) { try directory.open("pipe") }
        #expect(throws: StorageFault(.open, "none", code: ENOENT)) { try directory.open("none") }
    }

    @Test func faultsSayWhatFailed() {
        #expect(
            "\(StorageFault(.allocate, "journal-1", code: ENOSPC))" == "journal-1: allocate: No space left on device"
        )
        #expect(StorageFault(.write, "f", code: EDQUOT).isDiskFull)
        #expect(!StorageFault(.write, "f", code: EIO).isDiskFull)
    }
}
