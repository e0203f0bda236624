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

        static let all: [any DescribedSetting] = [listen, remote, hosts]
    }
}
