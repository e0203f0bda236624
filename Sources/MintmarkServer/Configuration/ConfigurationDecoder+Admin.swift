import MintmarkEngine
import MintmarkWire

extension ConfigurationDecoder {
    /// The settings below `admin`, before it is known which clients there are.
    struct AdminSettings {
        let listen: Located<ListenAddress?>
        let hosts: [String]
        let authzListen: Located<ListenAddress?>
        let authzClient: Located<String?>
        let authzAudiences: Located<[String]>
        let authzIssuers: Located<[String]>
        let authzScopes: Located<[String]>
    }

    mutating func adminSettings() -> AdminSettings {
        let listen = value(Settings.Admin.listen)
        let remote = value(Settings.Admin.remote).value
        let hosts = list(Settings.Admin.hosts).value
        let authzListen = value(Settings.Admin.authzListen)
        if let address = listen.value, !address.isLoopback, remote == .refuse {
            fault(
                listen.origin,
                "admin.listen: \(address) is no loopback address: whoever reaches it learns how the server is used; to "
                    + "allow it all the same, set admin.remote to allow"
            )
        }
        if let address = authzListen.value, !address.isLoopback, remote == .refuse {
            fault(
                authzListen.origin,
                "admin.authz.listen: \(address) is no loopback address: tokens would go there in clear, and whoever "
                    + "reaches it can try some; to allow it all the same, set admin.remote to allow"
            )
        }
        return AdminSettings(
            listen: listen,
            hosts: hosts,
            authzListen: authzListen,
            authzClient: value(Settings.Admin.authzClient),
            authzAudiences: list(Settings.Admin.authzAudiences),
            authzIssuers: list(Settings.Admin.authzIssuers),
            authzScopes: list(Settings.Admin.authzScopes)
        )
    }

    /// - Parameter running: at a reload, what the server runs with: its listeners are those that count.
    mutating func admin(
        _ settings: AdminSettings,
        _ clients: [String: Configuration.Client],
        _ running: Configuration.Admin?
    ) -> Configuration.Admin {
        let isListening = settings.listen.value != nil || settings.authzListen.value != nil
        let isServed = running.map { $0.listenerCount > 0 } ?? isListening
        return Configuration.Admin(
            listen: settings.listen.value,
            hosts: settings.hosts,
            authzListen: settings.authzListen.value,
            authz: authzClient(settings, clients, isServed).map { client in
                Configuration.Authz(
                    client: client,
                    audiences: settings.authzAudiences.value,
                    issuers: settings.authzIssuers.value,
                    scopes: settings.authzScopes.value
                )
            }
        )
    }

    /// The id of the client that proxies are; nil where `/authz` is off.
    private mutating func authzClient(
        _ settings: AdminSettings,
        _ clients: [String: Configuration.Client],
        _ isServed: Bool
    ) -> String? {
        guard let named = settings.authzClient.value else {
            let local = Configuration.everybody(of: clients)
            if isServed, local?.permissions.operations.contains(.verify) == true {
                return Configuration.localClientID
            }
            refuseUselessTerms(settings)
            return nil
        }
        let origin = settings.authzClient.origin
        guard let client = clients[named] else {
            fault(origin, "admin.authz.client: there is no client '\(named.excerpt)'")
            return nil
        }
        guard client.permissions.operations.contains(.verify) else {
            fault(origin, "admin.authz.client: client '\(named.excerpt)' has no permission for the operation verify")
            return nil
        }
        guard isServed else {
            if settings.listen.isSound, settings.authzListen.isSound {
                fault(
                    origin,
                    "admin.authz.client: admin.listen is off and admin.authz.listen is not set: nobody could ask"
                )
            }
            return nil
        }
        return named
    }

    /// Says where something is set for `/authz`, and that is off.
    private mutating func refuseUselessTerms(_ settings: AdminSettings) {
        let terms = [
            (Settings.Admin.authzListen.name, settings.authzListen.origin, settings.authzListen.value == nil),
            (Settings.Admin.authzAudiences.name, settings.authzAudiences.origin, settings.authzAudiences.value.isEmpty),
            (Settings.Admin.authzIssuers.name, settings.authzIssuers.origin, settings.authzIssuers.value.isEmpty),
            (Settings.Admin.authzScopes.name, settings.authzScopes.origin, settings.authzScopes.value.isEmpty),
        ]
        for (name, origin, isUnset) in terms where !isUnset {
            fault(
                origin,
                "\(name): /authz is off: it needs a listener, and where clients are configured, admin.authz.client"
            )
        }
    }
}
