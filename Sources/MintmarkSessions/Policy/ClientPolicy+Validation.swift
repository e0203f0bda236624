/// A policy that cannot be.
package struct ClientPolicyFault: Error, Equatable, Sendable {
    /// The settings of a policy, by the names of its properties.
    package enum Setting: String, CaseIterable, Sendable {
        case rotation
        case graceWindowMilliseconds
        case graceStreak
        case accessTokenTTLSeconds
        case accessTokenTTLJitterPercent
        case idleSeconds
        case absoluteSeconds
        case sessionsPerSubject
    }

    /// What is wrong with a setting.
    package enum Reason: Equatable, Sendable {
        case belowMinimum(UInt64)
        case aboveMaximum(UInt64)

        /// Above what another setting leaves for it.
        case aboveLimit(UInt64, of: Setting)

        /// Not above 0 and at most 1.
        case notAFraction
    }

    package let setting: Setting
    package let reason: Reason

    package init(_ setting: Setting, _ reason: Reason) {
        self.setting = setting
        self.reason = reason
    }
}

extension ClientPolicy {
    /// The longest access-token TTL that a configuration can ask for: a day.
    package static let accessTokenTTLSecondsMax: UInt32 = 86_400

    /// The greatest lifetime of a session: ten years. Everything shorter-lived is bounded by it.
    package static let absoluteSecondsMax: UInt32 = 10 * 365 * 86_400

    package static let accessTokenTTLJitterPercentMax: UInt8 = 50

    /// Throws what is wrong with the first setting that cannot be as it is.
    package func validate() throws(ClientPolicyFault) {
        try Self.check(.absoluteSeconds, UInt64(absoluteSeconds), in: 1...UInt64(Self.absoluteSecondsMax))
        try Self.check(.idleSeconds, UInt64(idleSeconds), atMost: UInt64(absoluteSeconds), of: .absoluteSeconds)
        try Self.check(
            .accessTokenTTLSeconds,
            UInt64(accessTokenTTLSeconds),
            atMost: UInt64(absoluteSeconds),
            of: .absoluteSeconds
        )
        guard accessTokenTTLJitterPercent <= Self.accessTokenTTLJitterPercentMax else {
            let percentMax = UInt64(Self.accessTokenTTLJitterPercentMax)
            throw ClientPolicyFault(.accessTokenTTLJitterPercent, .aboveMaximum(percentMax))
        }
        if let sessionsPerSubject, sessionsPerSubject.limit == 0 {
            throw ClientPolicyFault(.sessionsPerSubject, .belowMinimum(1))
        }
        try validateGrace()
        try validateRotation()
    }

    /// A window above a tenth of the access token's life would cover a noticeable part of all refreshes.
    private func validateGrace() throws(ClientPolicyFault) {
        let windowMax = UInt64(accessTokenTTLSeconds) * 100
        guard UInt64(grace.windowMilliseconds) <= windowMax else {
            throw ClientPolicyFault(.graceWindowMilliseconds, .aboveLimit(windowMax, of: .accessTokenTTLSeconds))
        }
        if let streak = grace.streak {
            guard streak > 0 else { throw ClientPolicyFault(.graceStreak, .belowMinimum(1)) }
        }
    }

    private func validateRotation() throws(ClientPolicyFault) {
        switch rotation {
        case .always, .never:
            break
        case .after(let seconds):
            try Self.check(.rotation, UInt64(seconds), atMost: UInt64(absoluteSeconds), of: .absoluteSeconds)
        case .afterFraction(let fraction):
            guard fraction > 0, fraction <= 1 else { throw ClientPolicyFault(.rotation, .notAFraction) }
        }
    }

    private static func check(
        _ setting: ClientPolicyFault.Setting,
        _ value: UInt64,
        in range: ClosedRange<UInt64>
    ) throws(ClientPolicyFault) {
        guard value >= range.lowerBound else { throw ClientPolicyFault(setting, .belowMinimum(range.lowerBound)) }
        guard value <= range.upperBound else { throw ClientPolicyFault(setting, .aboveMaximum(range.upperBound)) }
    }

    /// From 1 to the value of another setting.
    private static func check(
        _ setting: ClientPolicyFault.Setting,
        _ value: UInt64,
        atMost limit: UInt64,
        of other: ClientPolicyFault.Setting
    ) throws(ClientPolicyFault) {
        guard value >= 1 else { throw ClientPolicyFault(setting, .belowMinimum(1)) }
        guard value <= limit else { throw ClientPolicyFault(setting, .aboveLimit(limit, of: other)) }
    }
}
