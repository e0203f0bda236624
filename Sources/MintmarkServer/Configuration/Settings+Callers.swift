import MintmarkEngine

/// Who a client is, and what it may do.
extension Settings.Client {
    private static let listCountMax = 256
    /// AUTH is verified with one key of the client after the other, before anybody has shown to be anybody.
    static let publicKeyCountMax = 8

    var userIDs: ListSetting<UInt32> {
        ListSetting(
            name: "clients.\(id).identities.user_ids",
            itemType: .userID,
            countMax: Self.listCountMax,
            meaning: "Users that are this client on the Unix socket, by number."
        )
    }
    var certificates: ListSetting<CertificateName> {
        ListSetting(
            name: "clients.\(id).identities.certificates",
            itemType: .certificateName,
            countMax: Self.listCountMax,
            meaning: "Names that make a client certificate this client's: subject alternative names, URI: before DNS:."
        )
    }
    var publicKeys: ListSetting<PublicKeyText> {
        ListSetting(
            name: "clients.\(id).identities.public_keys",
            itemType: .publicKey,
            countMax: Self.publicKeyCountMax,
            meaning: "Ed25519 keys that the client signs AUTH with, as mintmark client-key prints them; at most 8."
        )
    }

    var operations: RestrictionSetting<ClientOperation> {
        RestrictionSetting(
            name: "clients.\(id).permissions.operations",
            itemType: SettingType<ClientOperation>.choice,
            countMax: ClientOperation.allCases.count,
            meaning: "What the client may ask for. Administration is a permission of its own."
        )
    }
    var admin: Setting<Bool> {
        Setting(
            "clients.\(id).permissions.admin",
            .flag,
            defaultMeaning: "false; on the Unix socket true for the client local without identities",
            """
            Whether the client may revoke by subject, client or for all and any session, force rotation, take snapshots \
            and change keys. Never over TCP for the client local without identities.
            """
        )
    }
    var subjects: RestrictionSetting<String> {
        RestrictionSetting(
            name: "clients.\(id).permissions.subjects",
            itemType: .text(bytesMax: 256),
            countMax: Self.listCountMax,
            meaning: "Subjects that tokens may be made for; in each, * stands for any run of characters."
        )
    }
    var audiences: RestrictionSetting<String> {
        RestrictionSetting(
            name: "clients.\(id).permissions.audiences",
            itemType: .text(bytesMax: 256),
            countMax: Self.listCountMax,
            meaning: "Audiences that tokens may name."
        )
    }
    var scopes: RestrictionSetting<String> {
        RestrictionSetting(
            name: "clients.\(id).permissions.scopes",
            itemType: .scopeToken,
            countMax: Self.listCountMax,
            meaning: "Scope-tokens that tokens may carry."
        )
    }
    var claims: RestrictionSetting<String> {
        RestrictionSetting(
            name: "clients.\(id).permissions.claims",
            itemType: .text(bytesMax: 256),
            countMax: Self.listCountMax,
            meaning: "Names of custom claims that tokens may carry."
        )
    }

    /// How often the client may do what.
    func rate(_ subject: RateBudgets.Subject) -> Setting<Rate?> {
        Setting(
            "clients.\(id).rates.\(subject.word)",
            .either("unlimited", or: .rate),
            default: nil,
            subject.meaning
        )
    }

    var identities: [any DescribedSetting] { [userIDs, certificates, publicKeys] }

    var permissions: [any DescribedSetting] { [operations, admin, subjects, audiences, scopes, claims] }

    var rates: [any DescribedSetting] { RateBudgets.Subject.allCases.map { rate($0) } }
}

/// Operations that a client can be allowed, as the configuration names them.
enum ClientOperation: String, Sendable, CaseIterable {
    case sign
    case verify
    case open
    case refresh
    case revoke
    case introspect
    case keys
    case stats
}

extension RateBudgets.Subject {
    /// As the configuration names it.
    var word: String {
        switch self {
        case .sign: "sign"
        case .verify: "verify"
        case .open: "open"
        case .refresh: "refresh"
        case .revoke: "revoke"
        case .introspect: "introspect"
        case .keys: "keys"
        case .stats: "stats"
        case .administration: "admin"
        }
    }

    fileprivate var meaning: String {
        switch self {
        case .sign:
            "How often SIGN gives a token: so many in a second (s), minute (m) or hour (h), and so many at once."
        case .verify:
            "How often VERIFY finds a token good. Refused tokens are told so whatever the rate, also by REFRESH."
        case .open: "How often OPEN opens a session."
        case .refresh: "How often REFRESH gives tokens."
        case .revoke: "How often REVOKE is carried out."
        case .introspect: "How often INTROSPECT finds a token good."
        case .keys: "How often KEYS is answered."
        case .stats: "How often STATS is answered."
        case .administration: "How often operations of administrators are carried out, all together."
        }
    }
}
