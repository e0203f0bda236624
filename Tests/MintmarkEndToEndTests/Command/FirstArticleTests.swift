import Foundation
import Testing

/// What the client library's articles tell readers to start, starts.
@Suite struct FirstArticleTests {
    /// The shell lines of the articles that start a daemon, as words.
    private static func daemons() throws -> [[String]] {
        let folder = BuiltProducts.repository.appendingPathComponent("Sources/MintmarkClient/MintmarkClient.docc")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.filter { $0.pathExtension == "md" }.flatMap { file in
            try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
                .filter { $0.hasPrefix(".build/release/mintmarkd ") }
                .map { $0.split(separator: " ").dropFirst().map(String.init) }
        }
    }

    @Test func theDaemonOfTheArticlesStartsAndAnswers() throws {
        let daemons = try Self.daemons()
        #expect(daemons.count == 1)
        for words in daemons {
            let home = try TemporaryHome()
            // The socket lies where this test alone is; the port and the directory are its own as well.
            let arguments = words.map { $0 == "/tmp/mintmark.sock" ? "\(home.path)/mintmark.sock" : $0 }
            #expect(arguments != words)
            let daemon = try DaemonProcess(arguments: arguments)
            #expect(daemon.ready.unix == "\(home.path)/mintmark.sock")
            let result = try run(BuiltProducts.mintmark, ["ping", "--unix", "\(home.path)/mintmark.sock"])
            #expect(result.exitCode == 0, "\(result)")
            #expect(daemon.stop() == 0)
        }
    }
}
