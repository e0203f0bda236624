import Foundation
import MintmarkTestSupport
import Synchronization
import Testing

@testable import MintmarkServer

/// The log is a file that nobody else can change, and what was in it stays.
@Suite struct AuditFileTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.file("audit.log") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func append(_ text: String) throws {
        let bytes = Array(text.utf8)
        let file = try AuditFile(path: path)
        #expect(try file.append(bytes.span.bytes) == bytes.count)
        try file.synchronize()
    }

    private var content: String {
        get throws { try String(contentsOfFile: path, encoding: .utf8) }
    }

    private var mode: Int? {
        get throws {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
    }

    @Test func fileIsMadeForItsOwnerAlone() throws {
        try append("a\n")
        #expect(try mode == 0o600)
        #expect(try content == "a\n")
    }

    @Test func whatIsThereStays() throws {
        try append("a\n")
        try append("b\n")
        #expect(try content == "a\nb\n")
    }

    @Test func tornLineIsEnded() throws {
        try append("a\nhalf")
        try append("b\n")
        #expect(try content == "a\nhalf\nb\n")
    }

    @Test(arguments: [0o600, 0o640, 0o644])
    func othersMayRead(mode: Int) throws {
        try directory.write([], to: "audit.log", mode: mode)
        try append("a\n")
        #expect(try self.mode == mode)
    }

    @Test(arguments: [0o620, 0o602, 0o666])
    func othersMayNotWrite(mode: Int) throws {
        try directory.write([], to: "audit.log", mode: mode)
        #expect(throws: AuditFault.openToOthers(path: path, mode: UInt32(mode))) { try AuditFile(path: path) }
    }

    @Test func linkIsNotFollowed() throws {
        try directory.write([], to: "other", mode: 0o600)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: directory.file("other"))
        #expect(throws: AuditFault.notRegular(path: path)) { try AuditFile(path: path) }
    }

    @Test func aDirectoryThatIsMissingIsNamed() throws {
        let directory = directory.file("logs/mintmark")
        let fault = AuditFault.directoryMissing(path: "\(directory)/audit.log", directory: directory)
        #expect(throws: fault) { try AuditFile(path: "\(directory)/audit.log") }
        #expect("\(fault)".contains("the directory \(directory) is missing; make it"), "\(fault)")
        // Without a directory in it there is none to make.
        #expect(throws: AuditFault.system(path: "", call: "open", code: ENOENT)) { try AuditFile(path: "") }
    }

    /// A descriptor that is closed twice may be somebody else's the second time.
    @Test func refusedFileClosesNothingOfOthers() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            try directory.write([], to: "audit.log", mode: 0o666)
            let isOver = Atomic(false)
            let bystander = Task.detached {
                while !isOver.load(ordering: .relaxed) {
                    // Gets the number that was given back a moment ago.
                    let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
                    guard close(descriptor) == 0 else { return false }
                }
                return true
            }
            for _ in 0..<20_000 {
                #expect(throws: AuditFault.self) { try AuditFile(path: directory.file("audit.log")) }
            }
            isOver.store(true, ordering: .relaxed)
            guard await bystander.value else { exit(1) }
        }
    }

    /// Nobody waits for whoever would have to read it.
    @Test func pipeIsRefusedAtOnce() throws {
        #expect(mkfifo(path, 0o600) == 0)
        #expect(throws: AuditFault.notRegular(path: path)) { try AuditFile(path: path) }
    }

    @Test(.enabled(if: geteuid() == 0)) func foreignFileIsRefused() throws {
        try directory.write([], to: "audit.log", mode: 0o600)
        #expect(chown(path, 12_345, 12_345) == 0)
        #expect(throws: AuditFault.foreignOwner(path: path, owner: 12_345)) { try AuditFile(path: path) }
    }

    @Test func deletedFileIsKnownToBeGone() throws {
        let file = try AuditFile(path: path)
        #expect(file.isLinked)
        try FileManager.default.moveItem(atPath: path, toPath: directory.file("audit.log.1"))
        #expect(file.isLinked, "renamed: somebody will find it")
        try FileManager.default.removeItem(atPath: directory.file("audit.log.1"))
        #expect(!file.isLinked)
    }
}
