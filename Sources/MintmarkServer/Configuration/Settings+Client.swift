extension Settings {
    /// The settings of one client, below `clients.ID`.
    struct Client {
        let id: String

        private static let lifetime = SettingType.duration(.seconds(1)...(.days(3650)), step: .seconds(1))

        /// The words; ``rotationAfter`` and ``rotationAfterFraction`` are written in their place.
        var rotation: Setting<RotationWord> {
            Setting(
                "clients.\(id).rotation",
                SettingType<RotationWord>.choice,
                default: .always,
                "When a refresh replaces the refresh token; in place of a word, one of the two mappings below."
            )
        }
        var rotationAfter: Setting<Duration> {
            Setting(
                "clients.\(id).rotation.after",
                Self.lifetime,
                defaultMeaning: "none",
                "Replace the refresh token once it is older."
            )
        }
        var rotationAfterFraction: Setting<Double> {
            Setting(
                "clients.\(id).rotation.after_fraction",
                .fraction,
                defaultMeaning: "none",
                "Replace the refresh token once this part of its idle lifetime has passed."
            )
        }
        var graceWindow: Setting<Duration> {
            Setting(
                "clients.\(id).grace.window",
                .duration(.zero...(.minutes(144))),
                default: .seconds(10),
                "How long a token that was rotated away still gets its successor; at most a tenth of the access-token TTL. A shorter value holds at once, for retries on their way, too."
            )
        }
        var graceUses: Setting<Int> {
            Setting(
                "clients.\(id).grace.uses",
                .count(0...65_535, of: "retries"),
                default: 16,
                "How often it does so; 0 is never."
            )
        }
        var graceStreak: Setting<Int?> {
            Setting(
                "clients.\(id).grace.streak",
                .either("off", or: .count(1...65_535, of: "generations")),
                default: nil,
                "Generations in a row that may be given grace; off is no limit."
            )
        }
        var accessTokenTTL: Setting<Duration> {
            Setting(
                "clients.\(id).access_token_ttl",
                .duration(.seconds(1)...(.hours(24)), step: .seconds(1)),
                default: .minutes(5),
                "Lifetime of an access token; callers can only ask for less."
            )
        }
        var idle: Setting<Duration> {
            Setting(
                "clients.\(id).idle",
                Self.lifetime,
                default: .days(30),
                "A session that is not refreshed for this long expires; never above absolute. Open sessions go by a new value from their next refresh on."
            )
        }
        var absolute: Setting<Duration> {
            Setting(
                "clients.\(id).absolute",
                Self.lifetime,
                default: .days(365),
                "A session expires this long after it was opened, whatever happens. Open sessions keep the value of then."
            )
        }
        var context: Setting<Configuration.Client.ContextRule> {
            Setting(
                "clients.\(id).context",
                SettingType<Configuration.Client.ContextRule>.choice,
                default: .ignore,
                "What a refresh from a changed context leads to."
            )
        }
        var clientMismatch: Setting<Configuration.Client.ClientMismatchRule> {
            Setting(
                "clients.\(id).client_mismatch",
                SettingType<Configuration.Client.ClientMismatchRule>.choice,
                default: .keep,
                "What becomes of a session of this client when another client presents its refresh token."
            )
        }
        var ttlJitter: Setting<Int> {
            Setting(
                "clients.\(id).ttl_jitter",
                .percentage(0...50),
                default: 0,
                "Access tokens expire earlier by a random part of their lifetime, at most this; 5% spreads refreshes well."
            )
        }
        var sessionsPerSubjectMax: Setting<Int?> {
            Setting(
                "clients.\(id).sessions_per_subject.max",
                .either("unlimited", or: .count(1...1_000_000, of: "sessions")),
                default: nil,
                "Most sessions of one subject at this client."
            )
        }
        var sessionsPerSubjectWhenFull: Setting<Configuration.Client.SessionsPerSubject.WhenFull> {
            Setting(
                "clients.\(id).sessions_per_subject.when_full",
                SettingType<Configuration.Client.SessionsPerSubject.WhenFull>.choice,
                default: .reject,
                "What opening one more leads to."
            )
        }

        var all: [any DescribedSetting] {
            policy + identities + permissions + rates
        }

        private var policy: [any DescribedSetting] {
            [
                rotation, rotationAfter, rotationAfterFraction, graceWindow, graceUses, graceStreak, accessTokenTTL,
                idle, absolute, context, clientMismatch, ttlJitter, sessionsPerSubjectMax, sessionsPerSubjectWhenFull,
            ]
        }
    }

    /// The rotation strategies that have no number.
    enum RotationWord: String, Sendable, CaseIterable {
        case always
        case never
    }
}
