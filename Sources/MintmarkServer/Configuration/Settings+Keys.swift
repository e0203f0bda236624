extension Settings {
    /// The settings below `keys`.
    enum Keys {
        static let directory = Setting(
            "keys.directory",
            .path,
            defaultMeaning: "DATA_DIRECTORY/keys",
            "Directory of signing keys, a file NAME.pem each: new ones are made there, and those put there are taken up."
        )
        static let passphraseFile = Setting(
            "keys.passphrase_file",
            .optional(.path),
            default: nil,
            "File with the passphrase of the keys in that directory, or credential:NAME; new ones are encrypted with it."
        )
        static let rotation = Setting(
            "keys.rotation",
            SettingType<Duration?>.either("never", or: .duration(.hours(1)...(.days(3650)), step: .seconds(1))),
            defaultMeaning: "30d, but never beside a tokens.signing_key_file",
            "How long a key signs before another takes over by itself."
        )
        static let publication = Setting(
            "keys.jwks_cache",
            .duration(.zero...(.days(30)), step: .seconds(1)),
            default: .hours(1),
            "How long others may keep the published keys: a new key is published for this long before it signs."
        )

        static let all: [any DescribedSetting] = [directory, passphraseFile, rotation, publication]
    }

    /// Who else is trusted: a list of mappings.
    struct TrustedIssuers: DescribedSetting {
        static let name = "trusted_issuers"
        static let countMax = 16
        static let audiencesMax = 16
        static let issuer = Setting<String?>("\(name).issuer", .optional(.text(bytesMax: 256)), default: nil, "")
        static let jwksFile = Setting<String?>("\(name).jwks_file", .optional(.path), default: nil, "")
        static let audience = SettingType<String>.text(bytesMax: 256)

        var description: SettingDescription {
            SettingDescription(
                name: Self.name,
                type: "list of mapping",
                range: "at most \(Self.countMax), each {issuer: text, jwks_file: path, audiences: [text, …]}",
                unit: "",
                defaultText: "[]",
                flag: nil,
                meaning: """
                    Issuers whose access tokens are verified here, too, with the keys in their files, JWK Sets that are \
                    read again when they change. With audiences, only tokens for one of them.
                    """,
                isList: true
            )
        }
    }

    static let trustedIssuers = TrustedIssuers()
}
