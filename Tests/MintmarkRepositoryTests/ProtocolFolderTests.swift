import Foundation
import Testing

/// The folder that others implement the protocol from must agree with itself.
@Suite struct ProtocolFolderTests {
    @Test(arguments: [["Protocol/vectors/generate.py", "--check"], ["Protocol/examples/check_vectors.py"]])
    func scriptAgrees(arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-B"] + arguments
        process.currentDirectoryURL = Repository.root
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
    }
}
