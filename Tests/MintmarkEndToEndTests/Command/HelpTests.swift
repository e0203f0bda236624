import Foundation
import Testing

/// The help of the programs on a terminal of 80 columns.
@Suite struct HelpTests {
    /// Examples and tables stand as they were written: a line that is broken loses its indentation. The parser breaks what
    /// has 80 characters, too.
    @Test(arguments: ["mintmark", "mintmarkd", "mintmark-bench"])
    func noExampleIsBroken(program: String) throws {
        let executable = BuiltProducts.directory.appendingPathComponent(program)
        let dump = try run(executable, ["--experimental-dump-help"])
        let help = try #require(try JSONSerialization.jsonObject(with: Data(dump.output.utf8)) as? [String: Any])
        let texts = discussions(try #require(help["command"] as? [String: Any]))
        #expect(texts.count > 2)
        for line in texts.joined(separator: "\n").split(separator: "\n") where line.hasPrefix(" ") {
            #expect(line.count < 80, "\(line)")
        }
    }

    /// Usage lines are not broken by the parser, so the terminal would do it.
    @Test func noUsageIsBroken() throws {
        for command in ["revoke", "force-rotation", "open", "sign", "verify", "introspect", "keys import", "top"] {
            let help = try run(BuiltProducts.mintmark, command.split(separator: " ").map(String.init) + ["--help"])
                .output
            for line in help.split(separator: "\n") {
                #expect(line.count <= 80, "\(command): \(line)")
            }
        }
    }

    private func discussions(_ command: [String: Any]) -> [String] {
        let below = command["subcommands"] as? [[String: Any]] ?? []
        return [command["discussion"] as? String].compactMap(\.self) + below.flatMap(discussions)
    }
}
