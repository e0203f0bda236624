extension ConfigurationDecoder {
    /// What a reload takes over of `written`: the rest keeps its running value. Says what does not go together with that.
    mutating func reloaded(
        _ written: Configuration,
        over running: Configuration,
        trustedIssuersAt trustedIssuersOrigin: ConfigurationOrigin
    ) -> Configuration {
        let reloaded = Configuration(written, over: running)
        if reloaded.trustedIssuers.contains(where: { $0.issuer == running.issuer }) {
            fault(
                trustedIssuersOrigin,
                "\(Settings.TrustedIssuers.name): '\(running.issuer.excerpt)' is the issuer that this server runs with, "
                    + "and it stays so until the next start"
            )
        }
        // Where the file cannot be read, nobody knows whom it names.
        guard reloaded.everybody != nil, defaultsAreSound else { return reloaded }
        if running.everybody == nil {
            fault(
                layers.lazy.compactMap { $0[Settings.clientsPath]?.origin }.first ?? .builtIn,
                "clients: none is configured, and the server runs with some: whoever connects could do everything; "
                    + "stop and start the server to do that"
            )
        } else {
            let tls = Located(value: reloaded.tls, origin: .builtIn, isSound: true)
            keepStrangersOut(tls, running.insecureListeners)
        }
        return reloaded
    }
}

extension Configuration {
    /// What is in effect after a reload: of `written` what a reload can take over, and of `running` everything else.
    fileprivate init(_ written: Configuration, over running: Configuration) {
        self.init(
            listen: running.listen,
            unix: running.unix,
            tls: running.tls.map { TLS(written.tls ?? $0, listen: $0.listen) },
            admin: Admin(written.admin, over: running.admin),
            insecureListeners: running.insecureListeners,
            threads: running.threads,
            dataDirectory: running.dataDirectory,
            issuer: running.issuer,
            readyFile: running.readyFile,
            auditFile: running.auditFile,
            log: written.log,
            limits: running.limits,
            tokens: Tokens(running.tokens, algorithm: written.tokens.algorithm),
            keys: Keys(written.keys, directory: running.keys.directory),
            trustedIssuers: written.trustedIssuers,
            sessions: running.sessions,
            storage: running.storage,
            clients: written.clients,
            effective: written.effective
        )
    }
}

extension Configuration.Admin {
    fileprivate init(_ written: Self, over running: Self) {
        self.init(listen: running.listen, hosts: running.hosts, authzListen: running.authzListen, authz: written.authz)
    }
}

extension Configuration.TLS {
    fileprivate init(_ files: Self, listen: [ListenAddress]) {
        self.init(
            listen: listen,
            certificate: files.certificate,
            privateKey: files.privateKey,
            clientCertificates: files.clientCertificates,
            clientCA: files.clientCA
        )
    }
}

extension Configuration.Tokens {
    fileprivate init(_ running: Self, algorithm: Algorithm) {
        self.init(
            type: running.type,
            algorithm: algorithm,
            leeway: running.leeway,
            cacheSizeBytes: running.cacheSizeBytes,
            signingKeyFile: running.signingKeyFile,
            isSigningKeyProvided: running.isSigningKeyProvided,
            signingKeyPassphraseFile: running.signingKeyPassphraseFile
        )
    }
}

extension Configuration.Keys {
    fileprivate init(_ written: Self, directory: String) {
        self.init(
            directory: directory,
            passphraseFile: written.passphraseFile,
            rotation: written.rotation,
            publication: written.publication
        )
    }
}
