package import MintmarkEngine

extension Configuration {
    /// How the sessions of one client live and how their refresh tokens rotate, who the client is, and what it may do.
    /// Immutable.
    package struct Client: Sendable, Equatable {
        package let rotation: Rotation
        package let grace: Grace
        /// Whole seconds; callers can only ask for less.
        package let accessTokenTTL: Duration
        /// Whole seconds; never above ``absolute``.
        package let idle: Duration
        /// Whole seconds.
        package let absolute: Duration
        package let context: ContextRule
        package let clientMismatch: ClientMismatchRule
        /// The access-token TTL is shortened by a random part of at most this many hundredths.
        package let ttlJitterPercent: Int
        /// nil is no limit.
        package let sessionsPerSubject: SessionsPerSubject?
        let identities: Identities
        package let permissions: Permissions
        package let rates: [RateBudgets.Subject: Rate]
    }
}

extension Configuration.Client {
    /// What makes a caller this client.
    struct Identities: Sendable, Equatable {
        var userIDs: [UInt32] = []
        var certificates: [CertificateName] = []
        var publicKeys: [PublicKeyText] = []

        var isEmpty: Bool { userIDs.isEmpty && certificates.isEmpty && publicKeys.isEmpty }
    }

    /// When a refresh replaces the refresh token.
    package enum Rotation: Sendable, Equatable {
        case always
        case never
        /// Once the token is older; whole seconds.
        case after(Duration)
        /// Once this part of the token's idle lifetime has passed; between 0 and 1, never either.
        case afterFraction(Double)
    }

    /// How retries with a token that was just rotated away are forgiven.
    package struct Grace: Sendable, Equatable {
        /// At most a tenth of the access-token TTL.
        package let window: Duration
        /// Retries inside a window; 0 forgives none.
        package let uses: Int
        /// Generations in a row that may be forgiven something; nil is no limit.
        package let streak: Int?
    }

    /// What a refresh from another context than the session's leads to.
    package enum ContextRule: String, Sendable, CaseIterable {
        case ignore
        case rotate
        case refuse
    }

    /// What becomes of a session whose refresh token another client presents.
    package enum ClientMismatchRule: String, Sendable, CaseIterable {
        case keep
        case revoke
    }

    /// How many sessions one subject may have at this client.
    package struct SessionsPerSubject: Sendable, Equatable {
        /// What opening one more leads to.
        package enum WhenFull: String, Sendable, CaseIterable {
            case reject
            case revokeOldest = "revoke_oldest"
        }

        package let max: Int
        package let whenFull: WhenFull
    }
}
