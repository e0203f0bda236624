import Foundation
import MintmarkTestSupport
import Testing

@testable import MintmarkStorage

/// Whose the directory of signing keys may be, and who may do what with it.
@Suite struct KeyDirectoryTests {
    private let place: TemporaryDirectory
    private var path: String { place.file("keys") }

    init() throws {
        place = try TemporaryDirectory()
    }

    private func make(mode: Int) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private func open(isOurs: Bool) throws -> [String] {
        try KeyDirectory.open(path, isOurs: isOurs).list()
    }

    @Test func ourOwnIsMadeForThisUserAlone() throws {
        #expect(try open(isOurs: true).isEmpty)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        #expect(try open(isOurs: true).isEmpty)
    }

    @Test func anotherOneIsNotMade() {
        #expect(throws: DataDirectory.Fault.system(path: path, call: "open", code: ENOENT)) {
            _ = try KeyDirectory.open(path, isOurs: false)
        }
    }

    @Test(arguments: [0o750, 0o705, 0o710, 0o701, 0o720, 0o702])
    func ourOwnIsNobodyElses(mode: Int) throws {
        try make(mode: mode)
        #expect(throws: DataDirectory.Fault.openToOthers(path: path, mode: UInt32(mode))) {
            _ = try KeyDirectory.open(path, isOurs: true)
        }
    }

    /// Others may look for names in a mount, and put nothing there.
    @Test(arguments: [(0o755, true), (0o750, true), (0o720, false), (0o702, false), (0o777, false)])
    func anotherOneIsChangedByItsOwnerAlone(mode: Int, isOpened: Bool) throws {
        try make(mode: mode)
        if isOpened {
            #expect(try open(isOurs: false).isEmpty)
        } else {
            #expect(throws: DataDirectory.Fault.openToOthers(path: path, mode: UInt32(mode))) {
                _ = try KeyDirectory.open(path, isOurs: false)
            }
        }
    }

    @Test func aLinkLeadsToAMountAndNotToOurOwn() throws {
        try FileManager.default.createDirectory(
            atPath: place.file("mount"),
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: place.file("mount"))
        #expect(try open(isOurs: false).isEmpty)
        #expect(throws: DataDirectory.Fault.notADirectory(path: path)) {
            _ = try KeyDirectory.open(path, isOurs: true)
        }
    }

    @Test(arguments: [true, false])
    func aFileIsNoDirectory(isOurs: Bool) throws {
        try place.write([1], to: "keys", mode: 0o600)
        #expect(throws: DataDirectory.Fault.notADirectory(path: path)) {
            _ = try KeyDirectory.open(path, isOurs: isOurs)
        }
    }

    /// Only root can give a directory away.
    @Test(.enabled(if: geteuid() == 0), arguments: [true, false])
    func anotherUsersIsRefused(isOurs: Bool) throws {
        try make(mode: 0o700)
        try #require(chown(path, 12_345, 12_345) == 0)
        #expect(throws: DataDirectory.Fault.foreignOwner(path: path, owner: 12_345)) {
            _ = try KeyDirectory.open(path, isOurs: isOurs)
        }
    }
}
