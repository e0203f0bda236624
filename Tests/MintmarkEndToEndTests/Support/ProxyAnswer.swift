import Foundation

/// What a client of a proxy gets.
struct ProxyAnswer {
    private(set) var status = 0
    /// Names in lower case.
    private(set) var fields: [String: String] = [:]
    private(set) var body = ""

    /// Asks a proxy on a Unix socket for `/` with these header fields; the status is 0 where nobody answers.
    init(from socket: String, _ fields: [String], _ options: [String]) throws {
        let result = try run(
            URL(fileURLWithPath: "/usr/bin/env"),
            ["curl", "--silent", "--include", "--max-time", "20", "--unix-socket", socket]
                + fields.flatMap { ["--header", $0] } + options + ["http://shop.example/"]
        )
        guard result.exitCode == 0 else {
            return
        }
        let text = result.output.replacingOccurrences(of: "\r\n", with: "\n")
        let end = text.range(of: "\n\n") ?? text.endIndex..<text.endIndex
        let lines = text[..<end.lowerBound].split(separator: "\n")
        status = Int(lines.first?.split(separator: " ").dropFirst().first ?? "") ?? 0
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            self.fields[parts[0].lowercased()] = parts.count > 1 ? parts[1] : ""
        }
        body = String(text[end.upperBound...])
    }

    /// What the service behind the proxy was sent under this name: it answers with one field a line.
    func sent(_ name: String) -> String? {
        body.split(separator: "\n").first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
    }
}
