import Foundation
import Testing

/// What the scripts in `Tools` say of themselves.
@Suite struct ScriptHelpTests {
    /// Every program that lies there.
    private static let scripts: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: Repository.root.path + "/Tools")) ?? []
        return names.sorted().filter { name in
            var isDirectory: ObjCBool = false
            let path = "\(Repository.root.path)/Tools/\(name)"
            return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory.boolValue
                && FileManager.default.isExecutableFile(atPath: path)
        }
    }()

    @Test func allAreLookedAt() {
        #expect(Set(["test", "quickstart", "manuals"]).isSubset(of: Self.scripts))
    }

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
