import Foundation
import MintmarkClient
import Testing

/// The key of a client, made by the command line, in a directory that goes with the value; and its public half.
final class ClientKey {
    let path: String
    let publicKey: String
    var file: String { "\(path)/web.pem" }

    init() throws {
        path = try DaemonProcess.makeDirectory()
        let result = try run(BuiltProducts.mintmark, ["client-key", "new", "\(path)/web.pem"])
        try #require(result.exitCode == 0, "\(result.errors)")
        publicKey = result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// What makes a program the client `web`.
    var options: [String] { ["--client", "web", "--client-key", file] }

    func identity() throws -> ClientIdentity { try ClientIdentity(clientID: "web", keyFile: file) }
}
