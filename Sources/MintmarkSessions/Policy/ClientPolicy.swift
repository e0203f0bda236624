/// What one client's sessions may do: rotation, grace, lifetimes, context, bounds.
///
/// The properties are what the configuration says; ``validate()`` tells what cannot be.
package struct ClientPolicy: Equatable, Sendable {
    package var rotation = RotationRule.always
    package var grace = GraceRule()

    /// How long an access token lives. Callers can only shorten it.
    package var accessTokenTTLSeconds: UInt32 = 300

    /// By how much an access token's life may be shortened at random, in percent.
    package var accessTokenTTLJitterPercent: UInt8 = 0

    /// How long a session lives without rotation.
    package var idleSeconds: UInt32 = 30 * 86_400

    /// How long a session lives at all.
    package var absoluteSeconds: UInt32 = 365 * 86_400

    package var context = ContextRule.ignore

    /// How many sessions a subject may have at this client. Nil: any number.
    package var sessionsPerSubject: SubjectCap?

    package init() {}
}

/// When the current refresh token is replaced. A forced rotation, a changed context (``ContextRule/rotate``) and a
/// fast forward rotate whatever the rule.
package enum RotationRule: Equatable, Sendable {
    case always

    /// When the current generation is at least this old, on the service clock.
    case after(seconds: UInt32)

    /// When the current generation has lived this part of the idle period. Above 0 and at most 1.
    case afterFraction(Double)

    case never
}

/// How retries with the previous refresh token are answered.
package struct GraceRule: Equatable, Sendable {
    /// How long after the release of a rotation's answer the previous token is good. 0: not at all.
    package var windowMilliseconds: UInt32 = 10_000

    /// How many calls inside the window are answered. 0: none.
    package var uses: UInt16 = 16

    /// How many generations in a row may have grace answers; the one after them has none. Nil: any number.
    package var streak: UInt16?

    package init() {}

    package init(windowMilliseconds: UInt32, uses: UInt16 = 16, streak: UInt16? = nil) {
        self.windowMilliseconds = windowMilliseconds
        self.uses = uses
        self.streak = streak
    }
}

/// What a REFRESH from another context than the session's does.
package enum ContextRule: Equatable, Sendable {
    /// Nothing: the context is not looked at.
    case ignore

    /// The session rotates, and the new context becomes its own.
    case rotate

    /// The call is refused.
    case refuse
}

/// The greatest number of sessions of one subject at one client.
package struct SubjectCap: Equatable, Sendable {
    /// What an OPEN beyond the limit does.
    package enum Rule: Equatable, Sendable {
        /// It is refused.
        case reject

        /// It revokes the subject's oldest session.
        case oldestOut
    }

    package var limit: UInt32
    package var rule: Rule

    package init(limit: UInt32, rule: Rule) {
        self.limit = limit
        self.rule = rule
    }
}

/// Who calls, and the policy for it.
package struct SessionCaller: Equatable, Sendable {
    /// 1 to 64 bytes.
    package let clientID: [UInt8]
    package let policy: ClientPolicy
    /// The clients, this one or others, whose sessions end when anybody else presents a refresh token of theirs.
    package let revokingOwners: Set<[UInt8]>

    package init(clientID: [UInt8], policy: ClientPolicy, revokingOwners: Set<[UInt8]> = []) {
        self.clientID = clientID
        self.policy = policy
        self.revokingOwners = revokingOwners
    }
}
