import Foundation
import Testing

/// A real nginx with the example configuration of the operators' page, between its clients and a service that tells what
/// it was sent. It listens on Unix sockets in a directory of its own; stopped and cleaned up with the value.
final class NginxProcess {
    static let program = ["/usr/sbin/nginx", "\(BuiltProducts.repository.path)/.build/tools/nginx"]
        .first(where: FileManager.default.isExecutableFile)
    static let example = BuiltProducts.repository.appendingPathComponent("Tools/deploy/examples/nginx.conf")

    /// What the service was sent, one field a line.
    private static let service = """
        server {
            listen unix:DIRECTORY/service.sock;
            location / {
                default_type text/plain;
                return 200 "method=$request_method
        issuer=$http_x_auth_issuer
        subject=$http_x_auth_subject
        client=$http_x_auth_client_id
        scope=$http_x_auth_scope
        audience=$http_x_auth_audience
        expires=$http_x_auth_expires
        authorization=$http_authorization
        cookie=$http_cookie
        length=$http_content_length
        ";
            }
        }
        """

    private let directory: String
    private let process = Process()

    /// - Parameter authz: where the daemon answers `/authz`.
    init(authz: String) throws {
        directory = try DaemonProcess.makeDirectory()
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory)
        var example = try String(contentsOf: Self.example, encoding: .utf8)
        for (old, new) in [
            ("server 127.0.0.1:7423;", "server \(authz);"), ("listen 8080;", "listen unix:\(directory)/front.sock;"),
            ("proxy_pass http://127.0.0.1:8000;", "proxy_pass http://unix:\(directory)/service.sock;"),
        ] {
            try #require(example.contains("\n    \(old)") || example.contains("\n        \(old)"), "\(old)")
            example = example.replacingOccurrences(of: old, with: new)
        }
        let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        let text = """
            \(getuid() == 0 ? "user root;" : "")
            worker_processes 1;
            pid \(directory)/pid;
            error_log \(directory)/errors.log;
            events { worker_connections 64; }
            http {
            access_log off;
            \(folders.map { "\($0)_temp_path \(directory)/\($0);" }.joined(separator: "\n"))
            \(example)
            \(Self.service.replacingOccurrences(of: "DIRECTORY", with: directory))
            }
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/nginx.conf"))
        let program = URL(fileURLWithPath: try #require(Self.program))
        let checked = try run(program, arguments + ["-t"])
        try #require(checked.exitCode == 0, "\(checked.errors)")
        process.executableURL = program
        process.arguments = arguments + ["-g", "daemon off;"]
        _ = try process.runWithPipes()
    }

    deinit {
        if process.isRunning {
            kill(process.processIdentifier, SIGTERM)
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(atPath: directory)
    }

    private var arguments: [String] {
        ["-p", directory, "-c", "\(directory)/nginx.conf", "-e", "\(directory)/errors.log"]
    }

    /// Asks once it listens.
    func waitUntilItListens() async throws {
        try await poll("nginx listens") { try ask().status == 0 ? nil : () }
    }

    /// Asks for `/` with these header fields; the status is 0 where nobody answers.
    func ask(_ fields: [String] = [], _ options: [String] = []) throws -> ProxyAnswer {
        try ProxyAnswer(from: "\(directory)/front.sock", fields, options)
    }
}
