import MintmarkProgram

/// Which keys may stand where, made from the declared settings. Immutable.
struct ConfigurationSchema: Sendable {
    private let settings: [SettingDescription]

    init(_ settings: [SettingDescription]) {
        self.settings = settings
    }

    /// Every key of `root` that no setting has, and everything that should be a mapping and is none.
    func faults(in root: ConfigurationNode) -> [ConfigurationFault] {
        faults(in: root, at: [])
    }

    private func faults(in node: ConfigurationNode, at path: [Substring]) -> [ConfigurationFault] {
        let known = keys(below: path)
        guard !known.isEmpty else { return [] }
        switch node.content {
        case .mapping(let entries) where path == Settings.clientsPath:
            // Their keys are ids, which the decoder judges.
            return entries.flatMap { entry in
                faults(in: entry.value, at: path + [Substring(entry.key)])
            }
        case .mapping(let entries):
            return entries.flatMap { entry in
                known.contains(entry.key)
                    ? faults(in: entry.value, at: path + [Substring(entry.key)])
                    : [unknown(entry, at: path, known: known)]
            }
        case .refused:
            return []
        case .scalar, .null, .sequence:
            // What takes a value as well as a mapping complains about its values itself.
            guard !settings.contains(where: { $0.path == declared(path) }) else { return [] }
            let name = path.joined(separator: ".")
            let message = "\(name): expected a mapping, with keys such as '\(known[0])', found \(node.summary)"
            return [ConfigurationFault(origin: node.origin, message: message)]
        }
    }

    /// The path of the setting that says what may stand at `path`: what one client can have, all can.
    private func declared(_ path: [Substring]) -> [Substring] {
        guard path.count > 1, path.starts(with: Settings.clientsPath) else { return path }
        return Settings.clientsPath + [Substring(Configuration.localClientID)] + path.dropFirst(2)
    }

    private func keys(below place: [Substring]) -> [String] {
        let path = declared(place)
        var keys: [String] = []
        for setting in settings where setting.path.count > path.count && setting.path.starts(with: path) {
            let key = String(setting.path[path.count])
            if keys.last != key { keys.append(key) }
        }
        return keys
    }

    private func unknown(
        _ entry: ConfigurationNode.Entry,
        at path: [Substring],
        known: [String]
    ) -> ConfigurationFault {
        if settings.contains(where: { $0.name == entry.key }) {
            let nested = entry.key.split(separator: ".").joined(separator: ": {")
            let ends = String(repeating: "}", count: entry.key.split(separator: ".").count - 1)
            let message = "'\(entry.key)' is written with a level for each dot: \(nested): …\(ends)"
            return ConfigurationFault(origin: entry.keyOrigin, message: message)
        }
        let place = path.isEmpty ? "" : " in \(path.joined(separator: "."))"
        let elsewhere = settings.first {
            // By its last level alone, or by all of them as in a variable of the environment.
            $0.path.last.map(String.init) == entry.key || $0.path.joined(separator: "_") == entry.key
        }?.name
        let suggestion = NameSuggestion.nearest(to: entry.key, among: known) ?? elsewhere
        let message = "unknown setting '\(entry.key.excerpt)'\(place)\(NameSuggestion.question(suggestion))"
        return ConfigurationFault(origin: entry.keyOrigin, message: message)
    }
}
