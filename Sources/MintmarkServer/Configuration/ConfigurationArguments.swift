/// What the daemon's command line says about the configuration; nil or empty is: nothing. Immutable.
package struct ConfigurationArguments: Sendable, Equatable {
    package let config: String?
    package let listen: [String]
    package let tlsListen: [String]
    package let insecureListeners: String?
    package let unix: String?
    package let admin: String?
    package let dataDirectory: String?
    package let issuer: String?
    package let threads: String?
    package let readyFile: String?
    package let durability: String?
    package let snapshotInterval: String?

    package init(
        config: String? = nil,
        listen: [String] = [],
        tlsListen: [String] = [],
        insecureListeners: String? = nil,
        unix: String? = nil,
        admin: String? = nil,
        dataDirectory: String? = nil,
        issuer: String? = nil,
        threads: String? = nil,
        readyFile: String? = nil,
        durability: String? = nil,
        snapshotInterval: String? = nil
    ) {
        self.config = config
        self.listen = listen
        self.tlsListen = tlsListen
        self.insecureListeners = insecureListeners
        self.unix = unix
        self.admin = admin
        self.dataDirectory = dataDirectory
        self.issuer = issuer
        self.threads = threads
        self.readyFile = readyFile
        self.durability = durability
        self.snapshotInterval = snapshotInterval
    }
}

extension ConfigurationArguments {
    /// The flags as a tree.
    var root: ConfigurationNode {
        var root = ConfigurationNode(origin: .builtIn, content: .mapping([]))
        for (setting, texts) in [(Settings.listen, listen), (Settings.TLS.listen, tlsListen)] where !texts.isEmpty {
            let origin = ConfigurationOrigin.flag(name: setting.flag ?? setting.name)
            let items = texts.map { ConfigurationNode(origin: origin, content: .scalar($0, isQuoted: false)) }
            insert(.sequence(items), for: setting.description, into: &root)
        }
        let scalars = [
            (Settings.insecureListeners.description, insecureListeners),
            (Settings.unix.description, unix),
            (Settings.Admin.listen.description, admin),
            (Settings.threads.description, threads),
            (Settings.dataDirectory.description, dataDirectory),
            (Settings.issuer.description, issuer),
            (Settings.readyFile.description, readyFile),
            (Settings.Storage.durability.description, durability),
            (Settings.Storage.snapshotInterval.description, snapshotInterval),
        ]
        for case (let description, let text?) in scalars {
            insert(.scalar(text, isQuoted: false), for: description, into: &root)
        }
        return root
    }

    private func insert(
        _ content: ConfigurationNode.Content,
        for setting: SettingDescription,
        into root: inout ConfigurationNode
    ) {
        let node = ConfigurationNode(origin: .flag(name: setting.flag ?? setting.name), content: content)
        let isInserted = root.insert(node, at: setting.path[...])
        precondition(isInserted, "each flag sets another setting")
    }
}
