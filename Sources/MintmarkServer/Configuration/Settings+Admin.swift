import MintmarkAdmin

extension Settings {
    /// The settings below `admin`.
    enum Admin {
        /// Whether other machines may ask.
        enum Remote: String, Sendable, CaseIterable {
            case refuse
            case allow
        }

        static let off = "off"

        static let listen = Setting(
            "admin.listen",
            .either(off, or: .listenAddress),
            default: ListenAddress("127.0.0.1:7421"),
            flag: "--admin",
            """
            TCP address of the admin listener: a status page, health, metrics and public keys over HTTP, loopback only; \
            port 0 picks a free one.
            """
        )
        static let remote = Setting(
            "admin.remote",
            SettingType<Remote>.choice,
            default: .refuse,
            "Whether other machines may reach the admin listener. It tells whoever asks how the server is used; no secrets."
        )
        static let hosts = ListSetting(
            name: "admin.hosts",
            itemType: .hostName,
            countMax: 64,
            exampleItems: ["mintmark.internal"],
            meaning: """
                Names beside those of loopback and its own address under which the admin listener may be asked, as \
                browsers and proxies send them in the Host header, without ports.
                """
        )

        static let authzListen = Setting(
            "admin.authz.listen",
            .optional(.listenAddress),
            default: nil,
            """
            TCP address of a listener that serves /authz and nothing else; without one, the admin listener serves it. \
            admin.remote counts for it, too; admin.hosts does not, because proxies send any name as Host.
            """
        )
        static let authzClient = Setting(
            "admin.authz.client",
            .optional(.text(bytesMax: 64)),
            default: nil,
            """
            Id of the client that proxies are when they ask /authz: its permission for the operation verify and its rate \
            count. Without one, it is local where no client is configured, and /authz is off where some are.
            """
        )
        static let authzAudiences = ListSetting(
            name: "admin.authz.audiences",
            itemType: .text(bytesMax: AuthzQuery.textLengthMax),
            countMax: 64,
            exampleItems: ["orders"],
            meaning: """
                /authz takes only tokens for one of these; none: for any. With audience in its query a proxy picks one of \
                them.
                """
        )
        static let authzIssuers = ListSetting(
            name: "admin.authz.issuers",
            itemType: .text(bytesMax: AuthzQuery.textLengthMax),
            countMax: TrustedIssuers.countMax + 1,
            exampleItems: ["https://id.example"],
            meaning: """
                /authz takes only tokens of these issuers; none: of this server and of all trusted_issuers. With issuer in \
                its query a proxy picks one of them.
                """
        )
        static let authzScopes = ListSetting(
            name: "admin.authz.scopes",
            itemType: .scopeToken,
            countMax: AuthzQuery.scopesMax,
            exampleItems: ["read"],
            meaning:
                "/authz takes only tokens with all of these scope-tokens, and with those in the scope of its query."
        )

        static let all: [any DescribedSetting] = [
            listen, remote, hosts, authzListen, authzClient, authzAudiences, authzIssuers, authzScopes,
        ]
    }
}
