import MintmarkProgram

/// The settings that the process environment holds.
enum EnvironmentLayer {
    static let prefix = "MINTMARK_"
    /// Names the configuration file; no setting itself.
    static let fileVariable = "MINTMARK_CONFIG"
    /// What tells clients which server to ask, and as whom; a shell in which they are set starts daemons, too.
    static let clientVariables: Set = [
        "MINTMARK_SERVER", "MINTMARK_TLS", "MINTMARK_CA", "MINTMARK_CERT", "MINTMARK_KEY", "MINTMARK_CLIENT",
        "MINTMARK_CLIENT_KEY",
    ]

    /// The environment as a tree, and what is wrong with the names in it.
    ///
    /// Variables without the prefix are not looked at. Of those with it, the clients' are ignored, and the ones that
    /// Kubernetes sets by itself for a service called `mintmark`; any other that names no setting is a fault.
    static func read(
        _ environment: [String: String],
        settings: [SettingDescription]
    ) -> (root: ConfigurationNode, faults: [ConfigurationFault]) {
        var root = ConfigurationNode(origin: .builtIn, content: .mapping([]))
        var faults: [ConfigurationFault] = []
        let byName = Dictionary(uniqueKeysWithValues: settings.map { ($0.environmentName, $0) })
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix(prefix) {
            let origin = ConfigurationOrigin.environment(name: name)
            if name == fileVariable || clientVariables.contains(name) || isServiceLink(name) { continue }
            guard let setting = byName[name] else {
                let suggestion = suggestion(for: name, among: byName.keys.sorted())
                let message = "names no setting\(NameSuggestion.question(suggestion))"
                faults.append(ConfigurationFault(origin: origin, message: message))
                continue
            }
            let node = node(value, isList: setting.isList && value != setting.word, origin: origin)
            if !root.insert(node, at: setting.path[...]) {
                let message =
                    "another environment variable sets \(setting.path.dropLast().joined(separator: ".")) already"
                faults.append(ConfigurationFault(origin: origin, message: message))
            }
        }
        return (root, faults)
    }

    private static func node(_ value: String, isList: Bool, origin: ConfigurationOrigin) -> ConfigurationNode {
        func scalar(_ text: some StringProtocol) -> ConfigurationNode {
            ConfigurationNode(origin: origin, content: .scalar(String(text), isQuoted: false))
        }
        guard isList else { return scalar(value) }
        let items = value.isEmpty ? [] : value.split(separator: ",", omittingEmptySubsequences: false).map(scalar)
        return ConfigurationNode(origin: origin, content: .sequence(items))
    }

    /// Whether Kubernetes makes such a variable for each service in the namespace.
    private static func isServiceLink(_ name: String) -> Bool {
        let rest = name.dropFirst(prefix.count)
        return rest == "PORT" || rest.hasPrefix("PORT_") || rest == "SERVICE_HOST" || rest.hasPrefix("SERVICE_PORT")
    }

    private static func suggestion(for name: String, among names: [String]) -> String? {
        let rest = String(name.dropFirst(prefix.count))
        let rests = names.map { String($0.dropFirst(prefix.count)) }
        let suggestion = NameSuggestion.nearest(to: rest, among: rests) ?? rests.first { $0.hasSuffix("_" + rest) }
        return suggestion.map { prefix + $0 }
    }
}
