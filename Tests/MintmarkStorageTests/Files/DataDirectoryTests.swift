import Foundation
import MintmarkTestSupport
import Testing

@testable import MintmarkStorage

@Suite struct DataDirectoryTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func missingDirectoriesAreMadeForTheUserAlone() throws {
        let data = try DataDirectory(path: directory.file("a/b/c"))
        let attributes = try FileManager.default.attributesOfItem(atPath: data.path)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
    }

    /// So that a power loss does not take away the directory with everything in it.
    @Test func namesOfMadeDirectoriesAreSynced() throws {
        var synced: [String] = []
        try DataDirectory.createMissing(directory.file("a/b")) { synced.append($0) }
        #expect(synced == [directory.path, directory.file("a")])
        try DataDirectory.createMissing(directory.file("a/b")) { synced.append($0) }
        #expect(synced.count == 2)
    }

    @Test func secondDaemonIsTurnedAway() throws {
        let first = try DataDirectory(path: directory.file("data"))
        let fault = DataDirectory.Fault.inUse(path: directory.file("data"), holder: getpid())
        #expect(throws: fault) { _ = try DataDirectory(path: directory.file("data")) }
        #expect("\(fault)".contains(" is in use by another mintmarkd, process \(getpid()); stop it first"))
        _ = first.path
    }

    /// What is behind the name does not make a link a directory.
    @Test(arguments: ["", "/", "//", "/.", "/./"]) func aLinkIsRefusedHoweverItIsWritten(end: String) throws {
        _ = try DataDirectory(path: directory.file("data"))
        #expect(try DataDirectory(path: directory.file("data") + end).path == directory.file("data") + end)
        try FileManager.default.createSymbolicLink(
            atPath: directory.file("link"),
            withDestinationPath: directory.file("data")
        )
        let path = directory.file("link") + end
        #expect(throws: DataDirectory.Fault.notADirectory(path: path)) { _ = try DataDirectory(path: path) }
        #expect(throws: DataDirectory.Fault.notADirectory(path: path)) { _ = try DataDirectory.inspect(path) }
    }

    @Test func commandsAreWrittenForAShell() {
        let fault = DataDirectory.Fault.openToOthers(path: "/tmp/a b's", mode: 0o755)
        #expect("\(fault)".hasSuffix(#"run: chmod 700 '/tmp/a b'\''s'"#), "\(fault)")
        #expect(ShellText.quoted("/var/lib/mintmark_1.2") == "/var/lib/mintmark_1.2")
        #expect(ShellText.quoted("-r") == "'./-r'")
        #expect(ShellText.quoted("") == "''")
        #expect(ShellText.quoted("a;b") == "'a;b'")
        #expect(ShellText.quoted("$HOME") == "'$HOME'")
    }

    @Test func whereNothingIsAFirstStartFindsNothing() throws {
        let path = directory.file("data")
        #expect(DataDirectory.isAbsentOrEmpty(path))
        _ = try DataDirectory(path: path)
        #expect(DataDirectory.isAbsentOrEmpty(path))
        try directory.write([1], to: "data/file", mode: 0o600)
        #expect(!DataDirectory.isAbsentOrEmpty(path))
        #expect(!DataDirectory.isAbsentOrEmpty("\(path)/file"), "a file is no directory")
    }

    @Test func oneThatMustBeThereIsNotMade() throws {
        let path = directory.file("missing")
        #expect(throws: DataDirectory.Fault.system(path: path, call: "open", code: ENOENT)) {
            _ = try DataDirectory(existing: path)
        }
        #expect(throws: DataDirectory.Fault.system(path: path, call: "open", code: ENOENT)) {
            _ = try DataDirectory.inspect(path)
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func whoeverInspectsIsToldOfADaemonAndKeepsNoneFromStarting() throws {
        let path = directory.file("data")
        do {
            let daemon = try DataDirectory(path: path)
            #expect(try DataDirectory.inspect(path).isInUse)
            _ = daemon.path
        }
        // A process that another test starts keeps the lock until it is the program that it is to be.
        let end = Date(timeIntervalSinceNow: 60)
        while try DataDirectory.inspect(path).isInUse, Date() < end { usleep(1_000) }
        let (disk, isInUse) = try DataDirectory.inspect(path)
        #expect(!isInUse)
        #expect(try !DataDirectory.inspect(path).isInUse, "two that look are no daemons")
        let daemon = try DataDirectory(path: path)
        #expect(try DataDirectory.inspect(path).isInUse)
        #expect(try disk.list().isEmpty)
        _ = daemon.path
    }

    /// A look at the directory, at the very moment, is none that keeps a daemon from starting.
    @Test func aDaemonWaitsForWhoeverOnlyLooks() throws {
        let path = directory.file("data")
        #expect(mkdir(path, 0o700) == 0)
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        #expect(flock(descriptor, LOCK_SH | LOCK_NB) == 0)
        #expect(throws: DataDirectory.Fault.inUse(path: path, holder: nil)) { _ = try DataDirectory(path: path) }
        var pauseCount = 0
        let daemon = try DataDirectory(path: path) {
            pauseCount += 1
            guard pauseCount == 9 else { return }
            // Whoever has a copy of the descriptor, as a process that another test starts has for a moment.
            flock(descriptor, LOCK_UN)
            close(descriptor)
        }
        #expect(daemon.path == path)
        #expect(pauseCount == 9)
    }

    @Test func aDirectoryOfAnybodyIsInspected() throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directory.path)
        #expect(try DataDirectory.inspect(directory.path).disk.list().isEmpty)
        try directory.write([1], to: "file", mode: 0o600)
        let path = directory.file("file")
        #expect(throws: DataDirectory.Fault.notADirectory(path: path)) { _ = try DataDirectory.inspect(path) }
    }

    @Test func lockEndsWithItsOwner() throws {
        do {
            let first = try DataDirectory(path: directory.file("data"))
            _ = first.path
        }
        let second = try DataDirectory(path: directory.file("data"))
        #expect(second.path == directory.file("data"))
    }

    @Test(arguments: [0o750, 0o705, 0o777, 0o701])
    func directoryOpenToOthersIsRefused(mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: directory.path)
        #expect(throws: DataDirectory.Fault.openToOthers(path: directory.path, mode: UInt32(mode))) {
            _ = try DataDirectory(path: directory.path)
        }
    }

    /// Only root can give a directory away.
    @Test(.enabled(if: geteuid() == 0)) func anotherUsersDirectoryIsRefused() throws {
        let path = directory.file("data")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try #require(chmod(path, 0o700) == 0 && chown(path, 12_345, 12_345) == 0)
        #expect(throws: DataDirectory.Fault.foreignOwner(path: path, owner: 12_345)) {
            _ = try DataDirectory(path: path)
        }
    }

    /// Whoever looks at a daemon's directory as another user would take it away from the daemon.
    @Test func adviceIsToBeTheOwnerFirst() {
        let words = "\(DataDirectory.Fault.foreignOwner(path: "/a b", owner: 12_345))"
        let user = geteuid()
        #expect(words.hasPrefix("/a b belongs to uid 12345, and this process runs as uid \(user): run it as the owner"))
        #expect(words.hasSuffix("chown \(user) '/a b'"))
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
    func directoryThatCannotBeWrittenIsRefused() throws {
        let path = directory.file("data")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try #require(chmod(path, 0o500) == 0)
        #expect(throws: DataDirectory.Fault.system(path: path, call: "access", code: EACCES)) {
            _ = try DataDirectory(path: path)
        }
    }

    @Test func linkAndFileAreRefused() throws {
        try directory.write([1], to: "file", mode: 0o600)
        try FileManager.default.createSymbolicLink(
            atPath: directory.file("link"),
            withDestinationPath: directory.path
        )
        for name in ["file", "link"] {
            #expect(throws: DataDirectory.Fault.notADirectory(path: directory.file(name))) {
                _ = try DataDirectory(path: directory.file(name))
            }
        }
    }
}
