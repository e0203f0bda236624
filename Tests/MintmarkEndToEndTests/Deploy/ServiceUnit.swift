import Foundation

/// The systemd unit of the package, as lines.
struct ServiceUnit {
    static let path = BuiltProducts.repository.appendingPathComponent("Tools/deploy/mintmarkd.service").path
    static let analyzer = URL(fileURLWithPath: "/usr/bin/systemd-analyze")
    static let hasAnalyzer = FileManager.default.isExecutableFile(atPath: analyzer.path)

    private let lines: [(name: String, value: String)]

    init() throws {
        let text = try String(contentsOfFile: Self.path, encoding: .utf8)
        lines = text.split(separator: "\n").compactMap { line in
            guard !line.hasPrefix("#"), let sign = line.firstIndex(of: "=") else { return nil }
            return (String(line[..<sign]), String(line[line.index(after: sign)...]))
        }
    }

    /// What is set, in the order of the file.
    func values(_ name: String) -> [String] {
        lines.filter { $0.name == name }.map(\.value)
    }

    /// What a name that is set once is set to; nil if it is not, or more often.
    func value(_ name: String) -> String? {
        let values = values(name)
        return values.count == 1 ? values[0] : nil
    }

    /// The system calls that its filter lets through: each line adds, or with `~` takes away, as systemd.exec(5) says.
    func systemCalls() throws -> Set<String> {
        let groups = try Self.groups()
        var allowed: Set<String> = []
        for line in values("SystemCallFilter") {
            let takesAway = line.hasPrefix("~")
            let names = line.drop { $0 == "~" }.split(separator: " ").map(String.init)
            let calls = Self.expanded(names, groups)
            allowed = takesAway ? allowed.subtracting(calls) : allowed.union(calls)
        }
        return allowed
    }

    private static func expanded(_ names: [String], _ groups: [String: [String]]) -> Set<String> {
        names.reduce(into: []) { calls, name in
            if name.hasPrefix("@") {
                calls.formUnion(expanded(groups[name] ?? [], groups))
            } else {
                calls.insert(name)
            }
        }
    }

    /// The groups of system calls that this machine's systemd knows, with their members.
    private static func groups() throws -> [String: [String]] {
        let listing = try run(analyzer, ["--no-pager", "syscall-filter"]).output
        var groups: [String: [String]] = [:]
        var group = ""
        for line in listing.split(separator: "\n") {
            let word = line.drop { $0 == " " }
            if !line.hasPrefix(" ") {
                group = String(word)
            } else if !word.hasPrefix("#") {
                groups[group, default: []].append(String(word))
            }
        }
        return groups
    }
}
