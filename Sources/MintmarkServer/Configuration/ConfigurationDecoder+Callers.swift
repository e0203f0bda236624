import MintmarkEngine
import MintmarkProgram
import MintmarkWire

extension ConfigurationDecoder {
    private static let identityNames = ["user_ids", "certificates", "public_keys"]

    /// Greatest number of clients.
    static let clientCountMax = 1_024

    /// Every client, by its id: those that any source names, else `local`.
    mutating func clients() -> [String: Configuration.Client] {
        let entries = clientEntries()
        guard !entries.isEmpty else {
            let local = Configuration.localClientID
            return [local: client(Settings.Client(id: local), isEverybody: true)]
        }
        if entries.count > Self.clientCountMax {
            fault(entries[Self.clientCountMax].keyOrigin, "clients: more than \(Self.clientCountMax)")
            return [:]
        }
        let local = Configuration.localClientID
        let isEverybody =
            entries.count == 1 && entries[0].key == local
            && Self.identityNames.allSatisfy { identityNodes(local, $0).isEmpty }
        var clients: [String: Configuration.Client] = [:]
        for entry in entries {
            guard Self.isClientID(entry.key) else {
                fault(
                    entry.keyOrigin,
                    "client '\(entry.key.excerpt)': expected an id of 1 to 64 letters, digits, '-' and '_'"
                )
                continue
            }
            let before = faults.count
            let client = client(Settings.Client(id: entry.key), isEverybody: isEverybody)
            clients[entry.key] = client
            if !isEverybody, client.identities.isEmpty, faults.count == before, !hasMistypedIdentities(entry.key) {
                let names = "clients.\(entry.key).identities has user_ids, certificates and public_keys"
                fault(entry.keyOrigin, "client '\(entry.key)' can never call: it has no identities (\(names))")
            }
        }
        checkIdentities(entries.map(\.key))
        return clients
    }

    /// The clients of all sources, each once, in the order of the strongest source that has it.
    private func clientEntries() -> [ConfigurationNode.Entry] {
        var seen: Set<String> = []
        return layers.flatMap { $0[Settings.clientsPath]?.entries ?? [] }.filter { seen.insert($0.key).inserted }
    }

    private static func isClientID(_ id: String) -> Bool {
        (1...Limits.clientIDLengthMax).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "-_".utf8.contains(byte)
                }
            }
    }

    mutating func identities(_ settings: Settings.Client) -> Configuration.Client.Identities {
        Configuration.Client.Identities(
            userIDs: list(settings.userIDs).value,
            certificates: list(settings.certificates).value,
            publicKeys: list(settings.publicKeys).value
        )
    }

    mutating func permissions(_ settings: Settings.Client, isEverybody: Bool) -> Permissions {
        let operations = restriction(settings.operations).value
        return Permissions(
            operations: operations.map { OperationSet($0.map { OperationSet($0.kind) }) } ?? .all,
            isAdministrator: value(settings.admin, default: isEverybody).value,
            subjects: restriction(settings.subjects).value,
            audiences: restriction(settings.audiences).value,
            scopes: restriction(settings.scopes).value,
            claims: restriction(settings.claims).value
        )
    }

    mutating func rates(_ settings: Settings.Client) -> [RateBudgets.Subject: Rate] {
        var rates: [RateBudgets.Subject: Rate] = [:]
        for subject in RateBudgets.Subject.allCases {
            rates[subject] = value(settings.rate(subject)).value
        }
        return rates
    }

    /// No identity may be that of two clients, however they spell it.
    private mutating func checkIdentities(_ ids: [String]) {
        var owners: [String: String] = [:]
        for id in ids {
            for name in Self.identityNames {
                for item in identityNodes(id, name) {
                    // What cannot be read has been told.
                    guard case .scalar(let text, _) = item.content, let value = Self.identity(name, text) else {
                        continue
                    }
                    let identity = "\(name) \(value)"
                    if let owner = owners[identity], owner != id {
                        fault(item.origin, "clients.\(id).identities.\(name): '\(text.excerpt)' is client '\(owner)'")
                    }
                    owners[identity] = id
                }
            }
        }
    }

    /// The one spelling of an identity.
    private static func identity(_ name: String, _ text: String) -> String? {
        switch name {
        case "user_ids": canonical(.userID, text)
        case "certificates": canonical(.certificateName, text)
        default: canonical(.publicKey, text)
        }
    }

    private static func canonical<Value>(_ type: SettingType<Value>, _ text: String) -> String? {
        (try? type.parse(text)).map(type.render)
    }

    /// Whether identities stand under a name that is none, which is told as such.
    private func hasMistypedIdentities(_ id: String) -> Bool {
        let path = Settings.clientsPath + [Substring(id)]
        return layers.compactMap { $0[path] }.contains { client in
            client.entries.contains { entry in
                entry.key == "identities"
                    ? entry.value.entries.contains { !Self.identityNames.contains($0.key) }
                    : NameSuggestion.nearest(to: entry.key, among: ["identities"]) != nil
            }
        }
    }

    private func identityNodes(_ id: String, _ name: String) -> [ConfigurationNode] {
        let path = Settings.clientsPath + [Substring(id), "identities", Substring(name)]
        guard let node = layers.lazy.compactMap({ $0[path] }).first, case .sequence(let items) = node.content else {
            return []
        }
        return items
    }
}

extension ClientOperation {
    var kind: Kind {
        switch self {
        case .sign: .sign
        case .verify: .verify
        case .open: .open
        case .refresh: .refresh
        case .revoke: .revoke
        case .introspect: .introspect
        case .keys: .keys
        case .stats: .stats
        }
    }
}
