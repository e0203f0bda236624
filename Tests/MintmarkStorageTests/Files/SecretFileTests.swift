import Foundation
import MintmarkCrypto
import MintmarkTestSupport
import Testing

@testable import MintmarkStorage

@Suite struct SecretFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func bytes(of secret: SecretBytes) -> [UInt8] {
        secret.withBytes { span in span.withUnsafeBytes { Array($0) } }
    }

    @Test func whatWasCreatedIsRead() throws {
        let secret = SecretBytes(count: 32, random: SystemRandom())
        let isCreated = try SecretFile.create(directory.file("key"), secret)
        #expect(isCreated)
        #expect(bytes(of: try SecretFile.read(directory.file("key"))) == bytes(of: secret))
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.file("key"))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["key"])
    }

    @Test func nothingIsEverReplaced() throws {
        try directory.write([1, 2, 3], to: "key", mode: 0o600)
        let isCreated = try SecretFile.create(directory.file("key"), SecretBytes(count: 32, random: SystemRandom()))
        #expect(!isCreated)
        #expect(bytes(of: try SecretFile.read(directory.file("key"))) == [1, 2, 3])
    }

    @Test func missingFileIsNamed() {
        #expect(throws: SecretFile.Fault.missing(path: directory.file("none"))) {
            try SecretFile.read(directory.file("none"))
        }
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o601, 0o644])
    func fileOpenToOthersIsRefused(mode: Int) throws {
        try directory.write([1], to: "key", mode: mode)
        #expect(throws: SecretFile.Fault.readableByOthers(path: directory.file("key"), mode: UInt32(mode))) {
            try SecretFile.read(directory.file("key"))
        }
    }

    @Test(arguments: [0o600, 0o400])
    func fileOfTheUserAloneIsRead(mode: Int) throws {
        try directory.write([1], to: "key", mode: mode)
        #expect(bytes(of: try SecretFile.read(directory.file("key"))) == [1])
    }

    /// Only root can give a file away.
    @Test(.enabled(if: geteuid() == 0)) func anotherUsersFileIsRefused() throws {
        try directory.write([1], to: "key", mode: 0o600)
        try #require(chown(directory.file("key"), 12_345, 12_345) == 0)
        #expect(throws: SecretFile.Fault.foreignOwner(path: directory.file("key"), owner: 12_345)) {
            try SecretFile.read(directory.file("key"))
        }
    }

    @Test func linkIsRefused() throws {
        try directory.write([1], to: "key", mode: 0o600)
        try FileManager.default.createSymbolicLink(
            atPath: directory.file("link"),
            withDestinationPath: directory.file("key")
        )
        #expect(throws: SecretFile.Fault.notRegular(path: directory.file("link"))) {
            try SecretFile.read(directory.file("link"))
        }
    }

    @Test func directoryIsRefused() {
        #expect(throws: SecretFile.Fault.notRegular(path: directory.path)) {
            try SecretFile.read(directory.path)
        }
    }

    @Test(arguments: [(0, false), (1, true), (SecretFile.bytesMax, true), (SecretFile.bytesMax + 1, false)])
    func sizeIsBounded(count: Int, isRead: Bool) throws {
        try directory.write([UInt8](repeating: 7, count: count), to: "key", mode: 0o600)
        if isRead {
            #expect(try SecretFile.read(directory.file("key")).count == count)
        } else {
            let fault = SecretFile.Fault.size(path: directory.file("key"), bytes: count, max: SecretFile.bytesMax)
            #expect(throws: fault) { try SecretFile.read(directory.file("key")) }
        }
    }
}
