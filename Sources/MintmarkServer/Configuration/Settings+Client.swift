extension Settings {
    /// The settings below `clients.local`, the one client there can be.
    enum Client {
        private static let lifetime = SettingType.duration(.seconds(1)...(.days(3650)), step: .seconds(1))

        /// The words; ``rotationAfter`` and ``rotationAfterFraction`` are written in their place.
        static let rotation = Setting(
            "clients.local.rotation",
            SettingType<RotationWord>.choice,
            default: .always,
            "When a refresh replaces the refresh token; in place of a word, one of the two mappings below."
        )
        static let rotationAfter = Setting(
            "clients.local.rotation.after",
            lifetime,
            defaultMeaning: "none",
            "Replace the refresh token once it is older."
        )
        static let rotationAfterFraction = Setting(
            "clients.local.rotation.after_fraction",
            .fraction,
            defaultMeaning: "none",
            "Replace the refresh token once this part of its idle lifetime has passed."
        )
        static let graceWindow = Setting(
            "clients.local.grace.window",
            .duration(.zero...(.minutes(144))),
            default: .seconds(10),
            "How long a token that was rotated away still gets its successor; at most a tenth of the access-token TTL."
        )
        static let graceUses = Setting(
            "clients.local.grace.uses",
            .count(0...65_535, of: "retries"),
            default: 16,
            "How often it does so; 0 is never."
        )
        static let graceStreak = Setting(
            "clients.local.grace.streak",
            .either("off", or: .count(1...65_535, of: "generations")),
            default: nil,
            "Generations in a row that may be given grace; off is no limit."
        )
        static let accessTokenTTL = Setting(
            "clients.local.access_token_ttl",
            .duration(.seconds(1)...(.hours(24)), step: .seconds(1)),
            default: .minutes(5),
            "Lifetime of an access token; callers can only ask for less."
        )
        static let idle = Setting(
            "clients.local.idle",
            lifetime,
            default: .days(30),
            "A session that is not refreshed for this long expires; never above absolute."
        )
        static let absolute = Setting(
            "clients.local.absolute",
            lifetime,
            default: .days(365),
            "A session expires this long after it was opened, whatever happens."
        )
        static let context = Setting(
            "clients.local.context",
            SettingType<Configuration.Client.ContextRule>.choice,
            default: .ignore,
            "What a refresh from a changed context leads to."
        )
        static let clientMismatch = Setting(
            "clients.local.client_mismatch",
            SettingType<Configuration.Client.ClientMismatchRule>.choice,
            default: .keep,
            "What becomes of a session whose refresh token another client presents."
        )
        static let ttlJitter = Setting(
            "clients.local.ttl_jitter",
            .percentage(0...50),
            default: 0,
            "Access tokens expire earlier by a random part of their lifetime, at most this; 5% spreads refreshes well."
        )
        static let sessionsPerSubjectMax = Setting(
            "clients.local.sessions_per_subject.max",
            .either("unlimited", or: .count(1...1_000_000, of: "sessions")),
            default: nil,
            "Most sessions of one subject at this client."
        )
        static let sessionsPerSubjectWhenFull = Setting(
            "clients.local.sessions_per_subject.when_full",
            SettingType<Configuration.Client.SessionsPerSubject.WhenFull>.choice,
            default: .reject,
            "What opening one more leads to."
        )

        static let all: [any DescribedSetting] = [
            rotation, rotationAfter, rotationAfterFraction, graceWindow, graceUses, graceStreak, accessTokenTTL, idle,
            absolute, context, clientMismatch, ttlJitter, sessionsPerSubjectMax, sessionsPerSubjectWhenFull,
        ]
    }

    /// The rotation strategies that have no number.
    enum RotationWord: String, Sendable, CaseIterable {
        case always
        case never
    }
}
