import MintmarkEngine
import MintmarkSessions

extension CallerDirectory {
    /// The clients of a configuration.
    ///
    /// - Parameter previous: the directory that this one takes the place of: rates that stay the same go on.
    convenience init(_ configuration: Configuration, inheriting previous: CallerDirectory? = nil) throws(DaemonFailure)
    {
        let old = Dictionary((previous?.clients ?? []).map { ($0.id, $0) }) { first, _ in first }
        let revokingOwners = Self.revokingOwners(configuration)
        if let local = configuration.everybody {
            let id = Configuration.localClientID
            let caller = try Self.caller(id, local, local.permissions, revokingOwners, inheriting: old[id])
            let remote = Caller(
                session: caller.session,
                permissions: local.permissions.withoutAdministration,
                rates: caller.rates
            )
            self.init([.unixSocket: caller, .loopback: remote])
            return
        }
        var callers: [Identity: Caller] = [:]
        for (id, client) in configuration.clients {
            let caller = try Self.caller(id, client, client.permissions, revokingOwners, inheriting: old[id])
            for userID in client.identities.userIDs {
                callers[.userID(userID)] = caller
            }
            for name in client.identities.certificates {
                callers[.certificate(name)] = caller
            }
            for key in client.identities.publicKeys {
                callers[.publicKey(clientID: Array(id.utf8), key.key)] = caller
            }
        }
        self.init(callers)
    }

    private static func caller(
        _ id: String,
        _ client: Configuration.Client,
        _ permissions: Permissions,
        _ revokingOwners: Set<[UInt8]>,
        inheriting previous: Caller?
    ) throws(DaemonFailure) -> Caller {
        Caller(
            session: SessionCaller(
                clientID: Array(id.utf8),
                policy: try policy(client),
                revokingOwners: revokingOwners
            ),
            permissions: permissions,
            rates: RateBudgets(client.rates, inheriting: previous?.rates)
        )
    }

    /// The clients whose sessions end when another one presents a refresh token of theirs.
    static func revokingOwners(_ configuration: Configuration) -> Set<[UInt8]> {
        Set(configuration.clients.filter { $0.value.clientMismatch == .revoke }.keys.map { Array($0.utf8) })
    }
}
