import Foundation
import MintmarkTestSupport
import Testing

@testable import MintmarkServer

@Suite struct UnixSocketPathTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// Binds a socket; what is returned keeps it open.
    private func bindSocket(_ path: String, isListening: Bool) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
        if isListening {
            try #require(listen(descriptor, 1) == 0)
        }
        return descriptor
    }

    @Test func freePathIsLeftAlone() throws {
        try UnixSocketPath.prepare(directory.file("socket"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    }

    @Test func socketOfADeadProcessIsRemoved() throws {
        #expect(try UnixSocketPath.isFree(directory.file("socket")))
        let descriptor = try bindSocket(directory.file("socket"), isListening: true)
        // A process that another test starts may have a copy of the descriptor for a moment.
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
        #expect(try !UnixSocketPath.isFree(directory.file("socket")))
        #expect(FileManager.default.fileExists(atPath: directory.file("socket")), "looking changes nothing")
        try UnixSocketPath.prepare(directory.file("socket"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    }

    @Test func socketInUseIsRefused() throws {
        let descriptor = try bindSocket(directory.file("socket"), isListening: true)
        defer { close(descriptor) }
        #expect(throws: UnixSocketPath.Fault.inUse) {
            try UnixSocketPath.prepare(directory.file("socket"))
        }
    }

    /// A process that hangs accepts nobody, and is one that listens all the same.
    @Test func socketOfAProcessThatHangsIsRefusedAtOnce() throws {
        let path = directory.file("socket")
        let descriptor = try bindSocket(path, isListening: true)
        defer { close(descriptor) }
        var peers: [Int32] = []
        defer { peers.forEach { close($0) } }
        var isFull = false
        while !isFull {
            let peer = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            peers.append(peer)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            isFull = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(peer, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) != 0
                }
            }
        }
        #expect(throws: UnixSocketPath.Fault.inUse) { try UnixSocketPath.prepare(path) }
    }

    @Test func anythingElseIsRefusedAndKept() throws {
        try directory.write([1], to: "socket", mode: 0o600)
        #expect(throws: UnixSocketPath.Fault.notASocket) {
            try UnixSocketPath.prepare(directory.file("socket"))
        }
        #expect(FileManager.default.fileExists(atPath: directory.file("socket")))
    }

    private func mode(of path: String) throws -> UInt32 {
        var status = stat()
        try #require(lstat(path, &status) == 0)
        return status.st_mode & 0o777
    }

    /// Without care a bound socket has the rights that the umask leaves of 0777.
    @Test func boundSocketIsNeverOpenToOthers() throws {
        let path = directory.file("socket")
        let descriptor = try UnixSocketPath.bind(path)
        defer { close(descriptor) }
        #expect(try mode(of: path) & ~0o660 == 0)
        try UnixSocketPath.restrict(path)
        #expect(try mode(of: path) == 0o660)
    }

    @Test func longestPathIsBoundAndNotOneByteMore() throws {
        let room = 107 - directory.path.utf8.count - 1
        let longest = directory.file(String(repeating: "s", count: room))
        close(try UnixSocketPath.bind(longest))
        let tooLong = directory.file(String(repeating: "s", count: room + 1))
        #expect(throws: UnixSocketPath.Fault.system(path: tooLong, call: "bind", code: ENAMETOOLONG)) {
            try UnixSocketPath.bind(tooLong)
        }
    }

    @Test func pathThatIsTakenMeanwhileIsNotBound() throws {
        let path = directory.file("socket")
        let descriptor = try UnixSocketPath.bind(path)
        defer { close(descriptor) }
        #expect(throws: UnixSocketPath.Fault.system(path: path, call: "bind", code: EADDRINUSE)) {
            try UnixSocketPath.bind(path)
        }
    }
}
