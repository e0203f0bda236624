import MintmarkWire

/// What the server is and runs with, as it tells itself.
struct ServerSoftware: Sendable {
    /// Name and version.
    var build: String
    /// Hexadecimal: two programs with the same are the same. Nil if the server does not know.
    var buildID: String?
    /// Those that change how fast it is, as far as the server tells of them.
    var settings: [(name: String, value: String)] = []
    /// Hexadecimal, over all settings but those that say where something is.
    var settingsDigest: String?
}

extension ServerSoftware {
    init(_ stats: StatsResponse) {
        self.init(
            build: stats.serverBuild,
            buildID: stats.buildID.map(Text.hexadecimal),
            settings: stats.settings.map { setting in
                let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
            },
            settingsDigest: stats.settingsDigest.map(Text.hexadecimal)
        )
    }

    var json: [(name: String, value: JSONValue)] {
        [
            ("build", .string(build)),
            ("build_id", .string(buildID)),
            ("settings", .object(settings.map { ($0.name, .string($0.value)) })),
            ("settings_digest", .string(settingsDigest)),
        ]
    }

    /// In a line: what it is, and what changes figures most.
    var text: String {
        let told = ["optimised", "threads", "storage.durability", "tokens.cache_size"]
        let settings = settings.filter { told.contains($0.name) }.map { "\($0.name)=\($0.value)" }
        return ([Self.title(build, buildID)] + settings).joined(separator: ", ")
    }

    /// Name and version, and as much of a build's ID as tells it from others.
    static func title(_ build: String, _ buildID: String?) -> String {
        buildID.map { "\(build) (\($0.prefix(12)))" } ?? build
    }
}

extension RunDocument {
    /// The server's name, version and build.
    var serverTitle: String {
        ServerSoftware.title(json["server"]["build"].string ?? "unknown", json["server"]["build_id"].string)
    }

    /// The same of the tool.
    var generatorTitle: String {
        ServerSoftware.title(json["run"]["build"].string ?? "unknown", json["run"]["build_id"].string)
    }

    /// The server's settings, each as name=value; empty where the report does not tell.
    var serverSettings: [String] {
        json["server"]["settings"].members.map { "\($0.name)=\($0.value.string ?? "")" }
    }
}
