import Foundation
import Testing

@testable import MintmarkServer

@Suite struct ReadyFileTests {
    @Test func contentsAreJSON() throws {
        let ready = ReadyFile(
            processID: 4711,
            tcpAddresses: ["127.0.0.1:7420", "[::1]:7420"],
            unixPath: "/a \"b\"\\\n"
        )
        let object = try JSONSerialization.jsonObject(with: Data(ready.json.utf8)) as? [String: Any]
        #expect(object?["pid"] as? Int == 4711)
        #expect(object?["tcp"] as? [String] == ["127.0.0.1:7420", "[::1]:7420"])
        #expect(object?["unix"] as? String == "/a \"b\"\\\n")
    }

    @Test func itReplacesAnOldOneAndLeavesNothingElse() throws {
        let directory = try TemporaryDirectory()
        try directory.write([1], to: "ready.json", mode: 0o644)
        let ready = ReadyFile(processID: 1, tcpAddresses: [], unixPath: nil)
        try ready.write(to: directory.file("ready.json"))
        let text = try String(contentsOfFile: directory.file("ready.json"), encoding: .utf8)
        #expect(text == #"{"pid": 1, "tcp": [], "unix": null}"# + "\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["ready.json"])
    }

    @Test func missingDirectoryIsNamed() throws {
        let directory = try TemporaryDirectory()
        let ready = ReadyFile(processID: 1, tcpAddresses: [], unixPath: nil)
        #expect(throws: ReadyFile.Fault.self) {
            try ready.write(to: directory.file("none/ready.json"))
        }
    }
}
