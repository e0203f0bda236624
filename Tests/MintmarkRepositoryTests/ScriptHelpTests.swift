import Foundation
import Testing

/// What the scripts in `Tools` say of themselves.
@Suite struct ScriptHelpTests {
    private static let scripts = [
        "counts", "dev-certs", "docs", "fuzz", "measure", "package", "quickstart", "setup", "test", "try-package",
    ]

    /// Asked for help they give it, and do nothing else.
    @Test(arguments: scripts, ["--help", "-h"])
    func helpIsGivenAndNothingDone(script: String, option: String) throws {
        let process = Process()
        process.executableURL = Repository.root.appending(path: "Tools/\(script)")
        process.arguments = [option]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let source = try Repository.text(of: "Tools/\(script)").split(separator: "\n")
        // Its first sentence is the first line of the script behind `#!`.
        let first = source[1].drop { "# \"".contains($0) }
        #expect(text.hasPrefix(first), "\(text)")
        #expect(!text.contains("Installing") && !text.contains("Fetching"))
    }
}
