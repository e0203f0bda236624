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
        let (text, exitCode) = try Repository.run(Repository.root.appending(path: "Tools/\(script)"), [option])
        #expect(exitCode == 0)
        let source = try Repository.text(of: "Tools/\(script)").split(separator: "\n")
        // Its first sentence is the first line of the script behind `#!`.
        let first = source[1].drop { "# \"".contains($0) }
        #expect(text.hasPrefix(first), "\(text)")
        #expect(!text.contains("Installing") && !text.contains("Fetching"))
    }
}
