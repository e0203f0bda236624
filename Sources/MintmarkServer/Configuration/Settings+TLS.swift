extension Settings {
    /// What becomes of listeners that other machines reach and must not.
    enum InsecureListeners: String, Sendable, CaseIterable {
        case refuse
        case allow
    }

    /// The settings below `tls`.
    enum TLS {
        static let listen = ListSetting(
            name: "tls.listen",
            itemType: .listenAddress,
            countMax: 64,
            mayRepeat: { $0.port == 0 },
            defaultItems: [],
            exampleItems: [ListenAddress("0.0.0.0:7422")].compactMap(\.self),
            flag: "--tls-listen",
            meaning: "TCP addresses to listen on with TLS 1.3; port 0 picks a free one."
        )
        static let certificate = Setting(
            "tls.certificate",
            .optional(.path),
            default: nil,
            "The server's certificate, with a subject alternative name, and those between it and its authority, in this order, PEM. Read again by a reload."
        )
        static let privateKey = Setting(
            "tls.private_key",
            .optional(.path),
            default: nil,
            "The certificate's private key, PEM without passphrase, for the daemon's user only. Read again by a reload."
        )
        static let clientCA = Setting(
            "tls.client_ca",
            .optional(.path),
            default: nil,
            "The authorities that vouch for callers, PEM. Read again by a reload."
        )
        static let clientCertificates = Setting(
            "tls.client_certificates",
            SettingType<Configuration.TLS.ClientCertificates>.choice,
            default: .required,
            "Whether callers must show a certificate, may, or are not asked for one."
        )

        static let all: [any DescribedSetting] = [listen, certificate, privateKey, clientCA, clientCertificates]
    }
}
