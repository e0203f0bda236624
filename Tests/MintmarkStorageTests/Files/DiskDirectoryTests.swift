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

    @Test func aReadOnlyDirectoryIsReadAndNeverChanged() throws {
        try place.write([1, 2, 3], to: "file")
        let before = try place.contents()
        let inspected = place.open(isReadOnly: true)
        #expect(try inspected.list() == ["file"])
        let file = try inspected.open("file")
        #expect(try file.read(at: 1, byteCount: 9) == [2, 3])
        let bytes: [UInt8] = [9]
        #expect(throws: StorageFault(.write, "file", code: EBADF)) { try file.writeAll(bytes.span.bytes, at: 0) }
        #expect(throws: StorageFault.self) { try file.truncate(to: 0) }
        #expect(throws: StorageFault(.create, "new", code: EROFS)) { try inspected.create("new") }
        #expect(throws: StorageFault(.rename, "file", code: EROFS)) { try inspected.rename("file", to: "other") }
        #expect(throws: StorageFault(.remove, "file", code: EROFS)) { try inspected.remove("file") }
        #expect(throws: StorageFault(.create, "folder", code: EROFS)) { try inspected.createDirectory("folder") }
        #expect(throws: StorageFault(.create, "folder", code: EROFS)) { try inspected.keep(["file"], in: "folder") }
        #expect(try place.contents() == before)
    }

    @Test func aDirectoryIsNoFile() throws {
        try directory.createDirectory("folder")
        for isReadOnly in [false, true] {
            #expect(throws: StorageFault(.open, "folder", code: EISDIR)) {
                try place.open(isReadOnly: isReadOnly).open("folder")
            }
        }
    }

    @Test func whatIsKeptStaysWhateverBecomesOfTheFile() throws {
        try place.write([1, 2], to: "one")
        try place.write([3], to: "two")
        try directory.createDirectory("kept")
        try directory.keep(["one", "two"], in: "kept")
        try directory.remove("one")
        try directory.rename("two", to: "three")
        #expect(try place.contents() == ["kept/one": [1, 2], "kept/two": [3], "three": [3]])
        var status = stat()
        #expect(lstat(place.file("kept"), &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o700)
        #expect(throws: StorageFault(.create, "kept", code: EEXIST)) { try directory.createDirectory("kept") }
        try place.write([4], to: "one")
        #expect(throws: StorageFault(.create, "kept/one", code: EEXIST)) { try directory.keep(["one"], in: "kept") }
        #expect(throws: StorageFault(.open, "none", code: ENOENT)) { try directory.keep(["one"], in: "none") }
    }

    @Test func faultsSayWhatFailed() {
        #expect(
            "\(StorageFault(.allocate, "journal-1", code: ENOSPC))" == "journal-1: allocate: No space left on device"
        )
        #expect(StorageFault(.write, "f", code: EDQUOT).isDiskFull)
        #expect(!StorageFault(.write, "f", code: EIO).isDiskFull)
    }
}
