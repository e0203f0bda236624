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

    @Test func secondDaemonIsTurnedAway() throws {
        let first = try DataDirectory(path: directory.file("data"))
        #expect(throws: DataDirectory.Fault.inUse(path: directory.file("data"))) {
            _ = try DataDirectory(path: directory.file("data"))
        }
        _ = first.path
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
