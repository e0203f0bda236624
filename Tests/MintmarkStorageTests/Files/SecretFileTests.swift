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

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: directory.file(name), withDestinationPath: target)
    }

    private func makeDirectory(_ name: String, mode: mode_t) throws {
        try #require(mkdir(directory.file(name), 0o700) == 0 && chmod(directory.file(name), mode) == 0)
    }

    /// As Kubernetes mounts a secret, in a directory that is sticky and anybody's, and exchanges it.
    @Test func linksOfAMountedSecretAreFollowed() throws {
        try makeDirectory("volume", mode: 0o1777)
        for (number, byte) in [(1, UInt8(7)), (2, 8)] {
            try makeDirectory("volume/..\(number)", mode: 0o755)
            try directory.write([byte], to: "volume/..\(number)/tls.key", mode: 0o400)
        }
        try link("volume/..data", to: "..1")
        try link("volume/tls.key", to: "..data/tls.key")
        #expect(bytes(of: try SecretFile.read(directory.file("volume/tls.key"))) == [7])
        try link("volume/..next", to: "..2")
        try #require(rename(directory.file("volume/..next"), directory.file("volume/..data")) == 0)
        #expect(bytes(of: try SecretFile.read(directory.file("volume/tls.key"))) == [8])
    }

    @Test func whereALinkLeadsIsJudgedAsAnyFile() throws {
        try directory.write([1], to: "open", mode: 0o644)
        try link("link", to: "open")
        #expect(throws: SecretFile.Fault.readableByOthers(path: directory.file("link"), mode: 0o644)) {
            try SecretFile.read(directory.file("link"))
        }
        try link("nowhere", to: "none")
        #expect(throws: SecretFile.Fault.missing(path: directory.file("nowhere"))) {
            try SecretFile.read(directory.file("nowhere"))
        }
        try makeDirectory("folder", mode: 0o700)
        try link("up", to: "folder/./../key")
        try directory.write([3], to: "key", mode: 0o600)
        #expect(bytes(of: try SecretFile.read(directory.file("up"))) == [3])
    }

    /// Who could turn the link would choose which secret is read.
    @Test(arguments: [mode_t(0o777), 0o770, 0o707])
    func linkThatOthersCouldTurnIsRefused(mode: mode_t) throws {
        try makeDirectory("folder", mode: mode)
        try directory.write([1], to: "folder/key", mode: 0o600)
        try link("folder/link", to: "key")
        let folder = directory.file("folder")
        let reason = "others can write \(folder); run: chmod go-w \(folder)"
        #expect(throws: SecretFile.Fault.unsafeLink(path: "\(folder)/link", reason: reason)) {
            try SecretFile.read("\(folder)/link")
        }
    }

    /// A sticky directory keeps what is in it for its owner alone, so it is the link's owner that counts.
    @Test(.enabled(if: geteuid() == 0), arguments: [false, true])
    func linkOfAnotherUserIsRefused(isOfFolder: Bool) throws {
        try makeDirectory("folder", mode: 0o1777)
        try directory.write([1], to: "folder/key", mode: 0o600)
        try link("folder/link", to: "key")
        let foreign = directory.file(isOfFolder ? "folder" : "folder/link")
        try #require(lchown(foreign, 12_345, 12_345) == 0)
        let reason = isOfFolder ? "\(foreign) belongs to uid 12345" : "others can write \(directory.file("folder"))"
        let error = #expect(throws: SecretFile.Fault.self) { try SecretFile.read(directory.file("folder/link")) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }

    @Test(arguments: [-1, 0, 1])
    func linksOnTheWayAreBounded(excess: Int) throws {
        try directory.write([1], to: "0", mode: 0o600)
        let count = LinkedPath.linksMax + excess
        for number in 1...count { try link("\(number)", to: "\(number - 1)") }
        if excess > 0 {
            #expect(throws: SecretFile.Fault.self) { try SecretFile.read(directory.file("\(count)")) }
        } else {
            #expect(bytes(of: try SecretFile.read(directory.file("\(count)"))) == [1])
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
