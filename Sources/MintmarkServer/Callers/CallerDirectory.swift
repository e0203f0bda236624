import MintmarkCrypto
import MintmarkEngine

/// Every client that may call, by what identifies it. Immutable: a reload makes another one.
///
/// Connections keep a `Match`, and look it up again in each new directory.
final class CallerDirectory: Sendable {
    /// What a client is known by.
    enum Identity: Hashable, Sendable {
        case userID(UInt32)
        case certificate(CertificateName)
        case publicKey(clientID: [UInt8], Ed25519PublicKey)
        /// Nothing: every connection of a server without configured clients is the client `local`.
        case unixSocket
        case loopback
    }

    /// A caller, and what it is known by.
    struct Match: Sendable {
        let caller: Caller
        let identity: Identity
    }

    /// What a channel says about who calls.
    enum Finding: Sendable {
        case match(Match)
        /// AUTH must say.
        case authenticationOwed
        case refused(HandshakeRefusal)
    }

    /// The user id that the kernel shows for every user it has no number for (`overflowuid`).
    static let overflowUserID: UInt32 = 65_534

    private let callers: [Identity: Caller]
    private let keys: [[UInt8]: [Ed25519PublicKey]]
    /// Verifies for clients that are not known, so that the time an answer takes does not tell which ones are.
    private let decoy: Ed25519PublicKey

    /// - Parameter callers: By every identity that each of them has.
    init(_ callers: [Identity: Caller], random: some RandomSource = SystemRandom()) {
        self.callers = callers
        var keys: [[UInt8]: [Ed25519PublicKey]] = [:]
        for case .publicKey(let clientID, let key) in callers.keys {
            keys[clientID, default: []].append(key)
        }
        self.keys = keys
        decoy = Ed25519SigningKey(random: random).publicKey
    }

    /// Every client, once.
    var clients: [Caller] {
        Dictionary(callers.values.map { ($0.id, $0) }) { first, _ in first }.values.sorted { $0.id < $1.id }
    }

    /// The client with this id; nil: there is none.
    func client(_ id: String) -> Caller? {
        clients.first { $0.id == id }
    }

    /// Who calls from there.
    func find(_ origin: ConnectionOrigin) -> Finding {
        switch origin {
        case .unix(let userID):
            if let match = match(.unixSocket) {
                return .match(match)
            }
            guard userID != Self.overflowUserID, let match = match(.userID(userID)) else {
                return .refused(.userUnknown)
            }
            return .match(match)
        case .tcp(let address):
            if let match = match(.loopback) {
                return .match(match)
            }
            return Self.isLoopback(address) ? .authenticationOwed : .refused(.inClear)
        case .tls(let origin):
            if let match = match(.loopback) {
                return .match(match)
            }
            guard let names = origin.clientNames else {
                return .authenticationOwed
            }
            return find(names)
        }
    }

    /// The first name that is a client's: URIs before DNS names.
    private func find(_ names: CertificateNames) -> Finding {
        let all = names.uris.map { CertificateName(uri: $0) } + names.dnsNames.map { CertificateName(dns: $0) }
        for name in all {
            if let match = match(.certificate(name)) {
                return .match(match)
            }
        }
        return .refused(.certificateUnknown)
    }

    private static func isLoopback(_ address: String) -> Bool {
        address.hasPrefix("127.") || address.hasPrefix("[::1]:")
    }

    private func match(_ identity: Identity) -> Match? {
        callers[identity].map { Match(caller: $0, identity: identity) }
    }

    /// Who is known by the same as before; nil when that belongs to nobody now, or to another client.
    func match(again old: Match) -> Match? {
        match(old.identity).flatMap { $0.caller.clientID == old.caller.clientID ? $0 : nil }
    }

    /// The client that has signed a transcript, or why it is not taken.
    func authenticate(clientID: [UInt8], signature: RawSpan, transcript: RawSpan) throws(HandshakeRefusal) -> Match {
        guard let candidates = keys[clientID] else {
            _ = decoy.verifies(signature: signature, message: transcript)
            throw .clientUnknown
        }
        for key in candidates where key.verifies(signature: signature, message: transcript) {
            if let match = match(.publicKey(clientID: clientID, key)) {
                return match
            }
        }
        throw .signatureInvalid
    }
}

/// A name in a certificate that stands for a client; compared byte by byte.
struct CertificateName: Hashable, Sendable, CustomStringConvertible {
    private let bytes: [UInt8]

    init(uri: String) {
        bytes = Array("URI:\(uri)".utf8)
    }

    /// DNS names are the same in small and capital letters.
    init(dns: String) {
        bytes = Array("DNS:\(dns.lowercased())".utf8)
    }

    /// As the configuration spells it: `URI:spiffe://mesh/web` or `DNS:web.example`; nil for anything else.
    init?(_ text: String) {
        let name = String(text.dropFirst(4))
        guard !name.isEmpty else {
            return nil
        }
        switch text.prefix(4) {
        case "URI:": self.init(uri: name)
        case "DNS:": self.init(dns: name)
        default: return nil
        }
    }

    var description: String { String(decoding: bytes, as: UTF8.self) }
}

/// Why a handshake was refused because of who calls. The raw value is the name that logs and counters tell.
enum HandshakeRefusal: String, Error, Sendable, CaseIterable {
    case userUnknown = "user_unknown"
    case certificateUnknown = "certificate_unknown"
    case inClear = "in_clear"
    case authMalformed = "auth_malformed"
    case clientUnknown = "client_unknown"
    case signatureInvalid = "signature_invalid"
}

/// What a reload has taken from a caller that was connected. The raw value is the name that the audit log tells.
enum CallerLoss: String, Sendable, CaseIterable {
    /// What it is known by belongs to no client now, or to another one.
    case client = "client_gone"
    /// The authority that vouched for its certificate is none any more.
    case authority = "authority_gone"
}

extension ServerCounter {
    init(_ refusal: HandshakeRefusal) {
        self =
            switch refusal {
            case .userUnknown: .handshakesUserUnknown
            case .certificateUnknown: .handshakesCertificateUnknown
            case .inClear: .handshakesInClear
            case .authMalformed: .handshakesAuthMalformed
            case .clientUnknown: .handshakesClientUnknown
            case .signatureInvalid: .handshakesSignatureInvalid
            }
    }
}
