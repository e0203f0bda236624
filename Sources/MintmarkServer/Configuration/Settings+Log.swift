extension Settings {
    /// The settings below `log`.
    enum Log {
        static let level = Setting(
            "log.level",
            SettingType<Configuration.Log.Level>.choice,
            default: .info,
            "What is written to standard error: this and what is more important. Never a token or a key, at any level."
        )
        static let format = Setting(
            "log.format",
            SettingType<Configuration.Log.Format>.choice,
            default: .auto,
            "How: text is for people, json one object on each line; auto is text on a terminal and json elsewhere."
        )

        static let all: [any DescribedSetting] = [level, format]
    }
}

extension Configuration {
    /// What is logged, and how.
    package struct Log: Sendable, Equatable {
        /// The least important first.
        package enum Level: String, Sendable, CaseIterable {
            case trace
            case debug
            case info
            case notice
            case warning
            case error
        }

        package enum Format: String, Sendable, CaseIterable {
            case auto
            case text
            case json
        }

        package let level: Level
        package let format: Format
    }
}
