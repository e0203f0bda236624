import Foundation
import MintmarkTestSupport
import Testing

@testable import MintmarkServer

/// Files that say whose tokens are good: anybody may read them, few may write them.
@Suite struct PublicFileTests {
    private let home: TemporaryDirectory

    init() throws {
        home = try TemporaryDirectory()
    }

    private func version(_ name: String) throws(PublicFile.Fault) -> PublicFile.Version {
        try PublicFile(home.file(name), byteCountMax: 100).version
    }

    @Test(arguments: [0o644, 0o444, 0o600])
    func fileThatOthersReadIsFine(mode: Int) throws {
        try home.write([1, 2], to: "f", mode: mode)
        #expect(try PublicFile(home.file("f"), byteCountMax: 2).content() == [1, 2])
    }

    @Test(arguments: [0o664, 0o646])
    func fileThatOthersWriteIsRefused(mode: Int) throws {
        try home.write([1], to: "f", mode: mode)
        #expect(throws: PublicFile.Fault.writableByOthers) { try version("f") }
    }

    /// Only root can give a file away.
    @Test(.enabled(if: geteuid() == 0)) func anotherUsersFileIsRefused() throws {
        try home.write([1], to: "f", mode: 0o644)
        try #require(chown(home.file("f"), 12_345, 12_345) == 0)
        #expect(throws: PublicFile.Fault.foreignOwner(12_345)) { try version("f") }
    }

    /// Another content of the same length, with the time of the former one set again.
    @Test func changeThatHidesItsTimeIsSeen() throws {
        try home.write([1], to: "f", mode: 0o644)
        let before = try version("f")
        var status = stat()
        try #require(stat(home.file("f"), &status) == 0)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: home.file("f")))
        var after = before
        // The clock of a file system goes on in steps of some milliseconds.
        while after == before {
            try handle.seek(toOffset: 0)
            try handle.write(contentsOf: Data([2]))
            let times = [status.st_atim, status.st_mtim]
            try #require(futimens(handle.fileDescriptor, times) == 0)
            after = try version("f")
        }
        #expect(after.seconds == before.seconds)
        #expect(after.nanoseconds == before.nanoseconds)
        #expect(after.inode == before.inode)
    }
}
