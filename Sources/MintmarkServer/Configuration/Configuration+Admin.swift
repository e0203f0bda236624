extension Configuration {
    /// The admin listener.
    package struct Admin: Sendable, Equatable {
        /// Nil: there is none.
        package let listen: ListenAddress?
        /// Names under which it may be asked, beside its own.
        package let hosts: [String]
        /// The listener that serves `/authz` alone; nil: the admin listener serves it.
        package let authzListen: ListenAddress?
        /// Nil: `/authz` is off.
        package let authz: Authz?

        /// How many HTTP listeners there are.
        var listenerCount: Int { [listen, authzListen].count { $0 != nil } }
    }

    /// What answers proxies whether a token is good.
    package struct Authz: Sendable, Equatable {
        /// The id of the client whose permission and rate count.
        package let client: String
        /// One of these a token must be for; empty: any.
        package let audiences: [String]
        /// One of these must have made it; empty: whoever is trusted.
        package let issuers: [String]
        /// All of these scope-tokens it must have.
        package let scopes: [String]
    }
}
