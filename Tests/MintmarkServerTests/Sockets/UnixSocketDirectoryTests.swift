import Foundation
import MintmarkTestSupport
import Testing

@testable import MintmarkServer

@Suite struct UnixSocketDirectoryTests {
    private let home: TemporaryDirectory

    init() throws {
        home = try TemporaryDirectory()
    }

    private func mode(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: home.file(name))[.posixPermissions] as? Int
    }

    @Test func directoryThatIsMissingIsMadeForTheGroup() throws {
        try UnixSocketDirectory.prepare(socketPath: home.file("run/socket"))
        #expect(try mode("run") == 0o750)
        try UnixSocketDirectory.prepare(socketPath: home.file("run/socket"))
        #expect(throws: UnixSocketDirectory.Fault.self) {
            try UnixSocketDirectory.prepare(socketPath: home.file("a/b/socket"))
        }
    }

    @Test(arguments: [mode_t(0o700), 0o750, 0o755, 0o1777])
    func directoryThatIsSafeStaysAsItIs(mode: mode_t) throws {
        try #require(mkdir(home.file("run"), 0o700) == 0 && chmod(home.file("run"), mode) == 0)
        try UnixSocketDirectory.prepare(socketPath: home.file("run/socket"))
        let kept = try self.mode("run")
        #expect(kept.map { $0 & 0o777 } == Int(mode & 0o777))
    }

    @Test(arguments: [mode_t(0o777), 0o770, 0o757])
    func directoryThatOthersWriteIsRefused(mode: mode_t) throws {
        try #require(mkdir(home.file("run"), 0o700) == 0 && chmod(home.file("run"), mode) == 0)
        let fault = UnixSocketDirectory.Fault.writableByOthers(path: home.file("run"), mode: UInt32(mode))
        #expect(throws: fault) { try UnixSocketDirectory.prepare(socketPath: home.file("run/socket")) }
    }

    /// Only root can give a directory away.
    @Test(.enabled(if: geteuid() == 0)) func directoryOfAnotherUserIsRefused() throws {
        try #require(mkdir(home.file("run"), 0o700) == 0 && chown(home.file("run"), 12_345, 12_345) == 0)
        #expect(throws: UnixSocketDirectory.Fault.foreignOwner(path: home.file("run"), owner: 12_345)) {
            try UnixSocketDirectory.prepare(socketPath: home.file("run/socket"))
        }
    }
}
