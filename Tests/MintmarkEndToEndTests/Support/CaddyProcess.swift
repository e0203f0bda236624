import Foundation
import Testing

/// A real Caddy with the example of the operators' page, between its clients and a service that tells what it was sent. It
/// listens on Unix sockets in a directory of its own; stopped and cleaned up with the value.
final class CaddyProcess {
    static let program = ["/usr/bin/caddy", "\(BuiltProducts.repository.path)/.build/tools/caddy"]
        .first(where: FileManager.default.isExecutableFile)

    private let directory: String
    private let process = Process()

    /// - Parameter authz: where the daemon answers `/authz`.
    init(authz: String) throws {
        directory = try DaemonProcess.makeDirectory()
        let page = BuiltProducts.repository.appendingPathComponent("Tools/deploy/README.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let shown = try #require(text.firstMatch(of: #/\n\*\*Caddy\*\* [^\n]*\n\n```\n((?:.|\n)*?)```/#)).1
        var example = String(shown)
        for (old, new) in [
            ("forward_auth 127.0.0.1:7423 {", "forward_auth \(authz) {"),
            ("reverse_proxy 127.0.0.1:8000 {", "reverse_proxy unix/\(directory)/service.sock {"),
        ] {
            try #require(example.contains("\n\t\(old)"), "\(old)")
            example = example.replacingOccurrences(of: old, with: new)
        }
        // The ports tell the sites apart, and nothing listens on them.
        let configuration = """
            {
            admin off
            auto_https off
            storage file_system \(directory)/storage
            }
            http://:8001 {
            bind unix/\(directory)/front.sock
            \(example)
            }
            http://:8002 {
            bind unix/\(directory)/service.sock
            respond `\(Self.service)`
            }
            """
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: "\(directory)/Caddyfile"))
        process.executableURL = URL(fileURLWithPath: try #require(Self.program))
        process.arguments = ["run", "--config", "\(directory)/Caddyfile", "--adapter", "caddyfile"]
        process.environment = ["HOME": directory, "XDG_CONFIG_HOME": directory, "XDG_DATA_HOME": directory]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.runInTurn()
    }

    deinit {
        if process.isRunning {
            kill(process.processIdentifier, SIGTERM)
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// What the service was sent, one field a line.
    private static let service = """
        method={method}
        issuer={header.X-Auth-Issuer}
        subject={header.X-Auth-Subject}
        client={header.X-Auth-Client-Id}
        scope={header.X-Auth-Scope}
        audience={header.X-Auth-Audience}
        expires={header.X-Auth-Expires}
        underscores={header.X_auth_subject}{header.X_auth-Subject}{header.X-Auth_subject}
        authorization={header.Authorization}
        cookie={header.Cookie}
        length={header.Content-Length}

        """

    /// Asks until it listens.
    func waitUntilItListens() async throws {
        try await poll("Caddy listens") { try ask().status == 0 ? nil : () }
    }

    /// Asks for `/` with these header fields; the status is 0 where nobody answers.
    func ask(_ fields: [String] = [], _ options: [String] = []) throws -> ProxyAnswer {
        try ProxyAnswer(from: "\(directory)/front.sock", fields, options)
    }
}
