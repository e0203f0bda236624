import MintmarkStorage

extension Configuration {
    /// Reads flags, environment and file, in this order of precedence, over the built-in defaults.
    ///
    /// - Parameters:
    ///   - environment: all of it; variables without the prefix `MINTMARK_` only help to find the data directory.
    ///   - readFile: the contents of the file that `--config` or `MINTMARK_CONFIG` names; not called without either.
    ///   - processors: the default number of threads.
    ///   - running: at a reload, what the server runs with. Settings that only a start takes over keep their running
    ///     values in what is returned, and everything else is judged beside those; `effective` tells what is written.
    /// - Throws: everything that is wrong, in all three sources.
    package static func load(
        arguments: ConfigurationArguments,
        environment: [String: String],
        readFile: (String) throws(ConfigurationFileError) -> [UInt8],
        processors: Int,
        running: Configuration? = nil
    ) throws(ConfigurationErrors) -> Configuration {
        let file = fileLayer(arguments: arguments, environment: environment, readFile: readFile)
        let variables = EnvironmentLayer.read(environment, settings: Settings.reference)
        let layers = [arguments.root, variables.root] + (file.root.map { [$0] } ?? [])
        let schema = ConfigurationSchema(Settings.reference)
        var decoder = ConfigurationDecoder(layers: layers, defaultsAreSound: file.root != nil)
        let configuration = decoder.configuration(
            processors: processors,
            dataDirectory: defaultDataDirectory(environment),
            running: running
        )
        // Variables and flags have places in the tree only where settings are; the file can hold anything.
        let unknown = file.root.map(schema.faults(in:)) ?? []
        if let running, running.hasSettingsOfFile, file.root?.entries.isEmpty ?? false {
            // Whoever empties a file, or writes it in two steps, does not mean all the defaults.
            decoder.fault(file.origin, "the configuration file is empty, and the one that the server runs with was not")
        }
        let faults = file.faults + unknown + variables.faults + decoder.faults
        guard faults.isEmpty else { throw ConfigurationErrors(faults) }
        return configuration
    }

    /// The file as a tree: an empty one without a file, nil where it cannot be read.
    private static func fileLayer(
        arguments: ConfigurationArguments,
        environment: [String: String],
        readFile: (String) throws(ConfigurationFileError) -> [UInt8]
    ) -> (root: ConfigurationNode?, faults: [ConfigurationFault], origin: ConfigurationOrigin) {
        let path: String
        let origin: ConfigurationOrigin
        if let config = arguments.config {
            (path, origin) = (config, .flag(name: "--config"))
        } else if let config = environment[EnvironmentLayer.fileVariable] {
            (path, origin) = (config, .environment(name: EnvironmentLayer.fileVariable))
        } else {
            return (ConfigurationNode(origin: .builtIn, content: .mapping([])), [], .builtIn)
        }
        do {
            let bytes = try readFile(path)
            let content = YAMLReader.read(bytes, file: path)
            if case .null? = content.root?.content {
                // A full disk or a failed copy leaves such a file, and the defaults serve everybody on this machine.
                let beginning = ConfigurationOrigin.file(path: path, line: 1, column: 1)
                let message = "the file sets nothing; at a start, {} in it means all the defaults"
                return (nil, content.faults + [ConfigurationFault(origin: beginning, message: message)], origin)
            }
            return (content.root, content.faults, origin)
        } catch {
            let message = "cannot read '\(path.excerpt)': \(error.reason)"
            return (nil, [ConfigurationFault(origin: origin, message: message)], origin)
        }
    }

    /// The place that systemd, the XDG base directories or the home directory give a daemon for its state.
    private static func defaultDataDirectory(_ environment: [String: String]) -> String? {
        func variable(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        // systemd lists several directories with colons between them; the first is the unit's main one.
        if let directory = variable("STATE_DIRECTORY")?.split(separator: ":").first { return String(directory) }
        // The XDG specification has relative paths ignored.
        if let directory = variable("XDG_STATE_HOME"), directory.hasPrefix("/") { return directory + "/mintmark" }
        return variable("HOME").map { $0 + "/.local/state/mintmark" }
    }
}

extension Configuration {
    fileprivate var hasSettingsOfFile: Bool {
        effective.contains { setting in
            if case .file = setting.origin { true } else { false }
        }
    }
}

extension ConfigurationDecoder {
    fileprivate mutating func configuration(
        processors: Int,
        dataDirectory: String?,
        running: Configuration?
    ) -> Configuration {
        let listeners = listeners()
        let threads = value(Settings.threads, default: min(max(processors, 1), 256))
        let directory = directory(dataDirectory)
        let issuer = value(Settings.issuer)
        let readyFile = value(Settings.readyFile)
        let auditFile = value(Settings.auditFile)
        let log = Configuration.Log(level: value(Settings.Log.level).value, format: value(Settings.Log.format).value)
        let limits = limits()
        let tokens = tokens(dataDirectory: directory)
        let keys = keys(dataDirectory: directory, beside: running?.tokens ?? tokens)
        let trustedIssuers = trustedIssuers(issuer: issuer)
        let sessions = sessions(dataDirectory: directory)
        let storage = storage()
        let clients = clients()
        let admin = admin(listeners.admin, clients, running?.admin)
        if Configuration.everybody(of: clients) != nil {
            keepStrangersOut(listeners.tls, listeners.insecure)
        }
        let written = Configuration(
            listen: listeners.clear.value,
            unix: listeners.unix.value,
            tls: listeners.tls.value,
            admin: admin,
            insecureListeners: listeners.insecure,
            threads: threads.value,
            dataDirectory: directory,
            issuer: issuer.value,
            readyFile: readyFile.value,
            auditFile: auditFile.value,
            log: log,
            limits: limits,
            tokens: tokens,
            keys: keys,
            trustedIssuers: trustedIssuers.value,
            sessions: sessions,
            storage: storage,
            clients: clients,
            effective: effective
        )
        guard let running else { return written }
        return reloaded(written, over: running, trustedIssuersAt: trustedIssuers.origin)
    }

    private mutating func directory(_ usual: String?) -> String {
        let directory = value(Settings.dataDirectory, default: usual ?? "")
        if directory.value.isEmpty, directory.isSound {
            fault(
                directory.origin,
                "data_directory: must be set, as $STATE_DIRECTORY, $XDG_STATE_HOME and $HOME are not"
            )
        }
        return directory.value
    }

    private mutating func storage() -> Configuration.Storage {
        Configuration.Storage(
            durability: value(Settings.Storage.durability).value,
            snapshotInterval: value(Settings.Storage.snapshotInterval).value,
            segmentSizeBytes: value(Settings.Storage.segmentSize).value
        )
    }

    private mutating func limits() -> Configuration.Limits {
        Configuration.Limits(
            frameLengthBytes: value(Settings.Limits.frameLength).value,
            inFlight: value(Settings.Limits.inFlight).value,
            connections: value(Settings.Limits.connections).value,
            memoryBytes: value(Settings.Limits.memory).value,
            queueTime: value(Settings.Limits.queueTime).value,
            handshakeTimeout: value(Settings.Limits.handshakeTimeout).value,
            frameTimeout: value(Settings.Limits.frameTimeout).value,
            writeTimeout: value(Settings.Limits.writeTimeout).value,
            shutdownTimeout: value(Settings.Limits.shutdownTimeout).value
        )
    }

    private mutating func tokens(dataDirectory: String) -> Configuration.Tokens {
        let type = value(Settings.Tokens.type)
        let algorithm = value(Settings.Tokens.algorithm)
        let leeway = value(Settings.Tokens.leeway)
        let cacheSize = value(Settings.Tokens.cacheSize)
        let usualFile = "\(dataDirectory)/\(StoreFiles.firstSigningKey)"
        let signingKeyFile = value(Settings.Tokens.signingKeyFile, default: usualFile)
        return Configuration.Tokens(
            type: type.value,
            algorithm: algorithm.value,
            leeway: leeway.value,
            cacheSizeBytes: cacheSize.value,
            signingKeyFile: signingKeyFile.value,
            isSigningKeyProvided: signingKeyFile.value != usualFile,
            signingKeyPassphraseFile: value(Settings.Tokens.signingKeyPassphraseFile).value
        )
    }

    private mutating func sessions(dataDirectory: String) -> Configuration.Sessions {
        Configuration.Sessions(
            max: value(Settings.Sessions.max).value,
            cutOffsMax: value(Settings.Sessions.cutOffsMax).value,
            sweepInterval: value(Settings.Sessions.sweepInterval).value,
            masterKeyFile: value(Settings.Sessions.masterKeyFile, default: dataDirectory + "/master.key").value
        )
    }
}
