import Foundation
import MintmarkTestSupport
import Testing

@testable import MintmarkServer

@Suite struct ReadyFileTests {
    /// Named by mistake, a device would be gone for everybody.
    @Test func whatIsNoFileIsLeftAlone() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("pipe")
        try #require(mkfifo(path, 0o600) == 0)
        #expect(throws: ReadyFile.Fault.notAFile(path)) { try ReadyFile.remove(path) }
        var status = stat()
        #expect(lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
    }

    @Test func contentsAreJSON() throws {
        let ready = ReadyFile(
            processID: 4711,
            tcpAddresses: ["127.0.0.1:7420", "[::1]:7420"],
            tlsAddresses: ["192.0.2.1:7421"],
            unixPath: "/a \"b\"\\\n",
            adminAddress: "127.0.0.1:7421"
        )
        let object = try JSONSerialization.jsonObject(with: Data(ready.json.utf8)) as? [String: Any]
        #expect(object?["pid"] as? Int == 4711)
        #expect(object?["tcp"] as? [String] == ["127.0.0.1:7420", "[::1]:7420"])
        #expect(object?["tls"] as? [String] == ["192.0.2.1:7421"])
        #expect(object?["unix"] as? String == "/a \"b\"\\\n")
        #expect(object?["admin"] as? String == "127.0.0.1:7421")
    }

    @Test func itReplacesAnOldOneAndLeavesNothingElse() throws {
        let directory = try TemporaryDirectory()
        try directory.write([1], to: "ready.json", mode: 0o644)
        let ready = ReadyFile(processID: 1, tcpAddresses: [], unixPath: nil)
        try ready.write(to: directory.file("ready.json"))
        let text = try String(contentsOfFile: directory.file("ready.json"), encoding: .utf8)
        #expect(text == #"{"pid": 1, "tcp": [], "tls": [], "unix": null, "admin": null, "authz": null}"# + "\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["ready.json"])
    }

    /// Two daemons that were told the same path: the one that stops leaves the other's.
    @Test(arguments: [4_711, 471, 47_110] as [Int32])
    func onlyOnesOwnIsRemovedAtAStop(processID: Int32) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("ready.json")
        try ReadyFile(processID: processID, tcpAddresses: []).write(to: path)
        try ReadyFile.remove(path, of: 4_711)
        #expect(FileManager.default.fileExists(atPath: path) == (processID != 4_711))
        try ReadyFile.remove(directory.file("none"), of: 4_711)
    }

    /// Another user of the directory may know the name that the file is written under.
    @Test func fileThatStandsInItsWayIsNotWrittenInto() throws {
        let directory = try TemporaryDirectory()
        try directory.write([1, 2, 3], to: "precious", mode: 0o600)
        let ready = ReadyFile(processID: 1, tcpAddresses: [], unixPath: nil)
        try #require(link(directory.file("precious"), directory.file("ready.json.1.new")) == 0)
        try ready.write(to: directory.file("ready.json"))
        #expect(FileManager.default.contents(atPath: directory.file("precious")) == Data([1, 2, 3]))
        #expect(FileManager.default.contents(atPath: directory.file("ready.json")) == Data(ready.json.utf8))
        #expect(!FileManager.default.fileExists(atPath: directory.file("ready.json.1.new")))
    }

    @Test func missingDirectoryIsNamed() throws {
        let directory = try TemporaryDirectory()
        let ready = ReadyFile(processID: 1, tcpAddresses: [], unixPath: nil)
        #expect(throws: ReadyFile.Fault.self) {
            try ready.write(to: directory.file("none/ready.json"))
        }
    }
}
