/// Which module may import what: the rings of `Sources/ARCHITECTURE.md` as data.
///
/// The build checks direct dependencies only and lets a target import what its dependencies depend on; this table and
/// `ImportTableTests` close that gap.
struct ImportTable {
    /// The modules of each target, as they may stand in its import lines.
    static let allowedImports: [String: Set<String>] = [
        "CSodium": [],
        "CLibCrypto": [],
        "CLibSSL": [],
        "CYAML": [],
        "CLinux": [],
        "CPrefetch": [],
        "CBase64URL": [],
        "MintmarkWire": [],
        "MintmarkCrypto": ["CBase64URL", "CSodium", "CLibCrypto", "Glibc", "Synchronization"],
        "MintmarkProgram": ["MintmarkWire", "CLinux", "Glibc"],
        "MintmarkTokens": ["MintmarkCrypto", "CPrefetch"] + ring1,
        "MintmarkSessions": ["MintmarkCrypto", "CPrefetch"] + ring1,
        "MintmarkEngine": ["MintmarkWire", "MintmarkTokens", "MintmarkSessions"] + ring1,
        "MintmarkStorage": ["MintmarkSessions", "MintmarkTokens", "MintmarkCrypto", "Glibc"] + ring1,
        "MintmarkAdmin": [
            "MintmarkCrypto", "HummingbirdCore", "HTTPTypes", "NIOHTTPTypes", "NIOHTTPTypesHTTP1", "NIOHTTP1",
            "NIOCore", "NIOPosix",
            "NIOConcurrencyHelpers", "ServiceLifecycle", "Logging", "Synchronization",
        ],
        "MintmarkServer": [
            "MintmarkWire", "MintmarkCrypto", "MintmarkProgram", "MintmarkTokens", "MintmarkSessions", "MintmarkEngine",
            "MintmarkStorage", "MintmarkAdmin", "CLinux", "CYAML",
            "NIOCore", "NIOPosix", "NIOSSL", "NIOTLS", "NIOConcurrencyHelpers", "ServiceLifecycle", "UnixSignals",
            "Logging", "HeapModule", "Synchronization", "Dispatch", "Glibc",
        ],
        "MintmarkClient": [
            "MintmarkWire", "MintmarkCrypto", "NIOCore", "NIOPosix", "NIOSSL", "NIOTLS", "NIOConcurrencyHelpers",
            "CoreMetrics", "Logging", "HeapModule", "Synchronization", "Glibc",
        ],
        "MintmarkCommand": ["MintmarkClient", "MintmarkProgram", "MintmarkWire", "ArgumentParser", "Glibc"],
        "MintmarkLoad": [
            "CLinux", "CLibSSL", "MintmarkWire", "MintmarkCrypto", "MintmarkProgram", "ArgumentParser",
            "NIOConcurrencyHelpers",
            "Synchronization", "Glibc",
        ],
        "mintmarkd": ["MintmarkServer", "MintmarkProgram", "ArgumentParser", "Glibc"],
        "mintmark": ["MintmarkCommand"],
        "mintmark-bench": ["MintmarkLoad"],
        "jwtkit-verify": ["JWTKit"],
        "Package.swift": ["PackageDescription"],
        "MintmarkInMemory": [
            "MintmarkWire", "MintmarkCrypto", "MintmarkTokens", "MintmarkSessions", "MintmarkEngine", "Synchronization",
        ],
        "MintmarkFuzz": [
            "MintmarkInMemory", "MintmarkCrypto", "MintmarkSessions", "MintmarkTokens", "MintmarkWire",
        ],
        "mintmark-counts": ["MintmarkInMemory", "MintmarkCrypto", "MintmarkWire", "Glibc"],
        "Frames": ["MintmarkFuzz"],
        "Tokens": ["MintmarkFuzz"],
        "JSON": ["MintmarkFuzz"],
        "RefreshTokens": ["MintmarkFuzz"],
        "Journal": ["MintmarkFuzz"],
        "Snapshots": ["MintmarkFuzz"],
        "Planted": ["MintmarkFuzz"],
    ]

    private static let ring1: Set<String> = ["NIOConcurrencyHelpers", "Synchronization"]

    /// A line that imports what its module may not.
    struct Breach: Equatable, CustomStringConvertible {
        var file: String
        var line: Int
        var module: String
        var imported: String

        var description: String { "\(file):\(line): \(module) must not import \(imported)" }
    }

    /// The breaches in one source file of `module`.
    static func breaches(in source: String, of module: String, file: String) -> [Breach] {
        guard let allowed = allowedImports[module] else {
            return [Breach(file: file, line: 0, module: module, imported: "anything: it is missing in the table")]
        }
        return source.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            guard let imported = importedModule(line), !allowed.contains(imported) else {
                return nil
            }
            return Breach(file: file, line: index + 1, module: module, imported: imported)
        }
    }

    /// The module that a line imports: `@attribute access import kind Module.Name` in all its forms.
    static func importedModule(_ line: Substring) -> String? {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let place = words.firstIndex(of: "import"), words[..<place].allSatisfy(isImportPrefix) else {
            return nil
        }
        let kinds: Set<String> = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
        return words[(place + 1)...].first { !kinds.contains($0) }?
            .split(separator: ".").first.map(String.init)
    }

    private static func isImportPrefix(_ word: String) -> Bool {
        word.hasPrefix("@") || ["public", "package", "internal", "fileprivate", "private"].contains(word)
    }
}

private func + (left: Set<String>, right: Set<String>) -> Set<String> {
    left.union(right)
}
