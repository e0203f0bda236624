import Foundation
import Testing

/// The folder that others implement the protocol from must agree with itself.
@Suite struct ProtocolFolderTests {
    @Test(arguments: [["Protocol/vectors/generate.py", "--check"], ["Protocol/examples/check_vectors.py"]])
    func scriptAgrees(arguments: [String]) throws {
        let python = URL(filePath: "/usr/bin/env")
        let (text, exitCode) = try Repository.run(python, ["python3", "-B"] + arguments)
        #expect(exitCode == 0, "\(text)")
    }
}
