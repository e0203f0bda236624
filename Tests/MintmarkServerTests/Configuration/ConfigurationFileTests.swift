import Foundation
import MintmarkTestSupport
import Testing

@testable import MintmarkServer

@Suite("Reading configuration files")
struct ConfigurationFileTests {
    @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 1 << 20, (1 << 20) + 1])
    func aFileIsReadAsItIs(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        try withFile(bytes) { path in
            let contents = try ConfigurationFile.read(path)
            #expect(contents == bytes)
        }
    }

    @Test func theExcessOfAHugeFileIsNotRead() throws {
        try withFile([UInt8](repeating: 0x23, count: 3 << 20)) { path in
            let contents = try ConfigurationFile.read(path)
            #expect(contents.count == ConfigurationFile.lengthMax + 1)
        }
    }

    @Test(arguments: [
        ("/nonexistent/mintmark.yaml", "No such file or directory"), ("", "No such file or directory"),
        ("/", "Is a directory"),
    ])
    func whatCannotBeReadHasTheSystemsReason(path: String, reason: String) {
        #expect(throws: ConfigurationFileError(reason: reason)) { try ConfigurationFile.read(path) }
    }

    /// Nobody waits for whoever would write a pipe.
    @Test(.timeLimit(.minutes(1))) func aPipeIsNoFile() throws {
        let directory = try TemporaryDirectory()
        try #require(mkfifo(directory.file("m.yaml"), 0o600) == 0)
        for path in [directory.file("m.yaml"), "/dev/zero"] {
            #expect(throws: ConfigurationFileError(reason: "no regular file")) { try ConfigurationFile.read(path) }
        }
    }

    @Test func aFileOnDiskConfigures() throws {
        try withFile(Array("data_directory: /srv\nthreads: x\n".utf8)) { path in
            let error = #expect(throws: ConfigurationErrors.self) {
                try Configuration.load(
                    arguments: ConfigurationArguments(config: path),
                    environment: [:],
                    readFile: ConfigurationFile.read,
                    processors: 1
                )
            }
            #expect(error?.description == "\(path):2:10: threads: expected a whole number from 1 to 256, found 'x'")
        }
    }

    private func withFile(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("mintmark-\(UUID().uuidString).yaml")
        try Data(bytes).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        try body(url.path)
    }
}
