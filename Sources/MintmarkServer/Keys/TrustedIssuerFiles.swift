import MintmarkTokens

/// The JWK Sets of trusted issuers, read again when their files change. A value with one owner.
struct TrustedIssuerFiles: Sendable {
    private struct Source: Sendable {
        let setting: Configuration.TrustedIssuer
        /// As it was looked at last; nil: never, or it was not there.
        var version: PublicFile.Version?
        var keys: [TrustedIssuer.Key] = []
        /// Why it could not be used, as it was told.
        var complaint: String?
    }

    /// What became of a file that has changed.
    enum Change: Equatable, Sendable {
        case read(issuer: String, file: String, keyCount: Int)
        /// It cannot be used; the keys read before go on counting.
        case refused(issuer: String, file: String, reason: String)
    }

    private var sources: [Source]

    init(_ settings: [Configuration.TrustedIssuer]) {
        sources = settings.map { Source(setting: $0) }
    }

    var isEmpty: Bool { sources.isEmpty }

    /// The issuers with the keys that were read last.
    var issuers: [TrustedIssuer] {
        sources.map { source in
            TrustedIssuer(
                issuer: Array(source.setting.issuer.utf8),
                audiences: source.setting.audiences.map { Array($0.utf8) },
                keys: source.keys
            )
        }
    }

    /// Takes over keys that were read for the same file.
    mutating func takeOver(from other: Self) {
        for index in sources.indices {
            let same = other.sources.first { $0.setting.jwksFile == sources[index].setting.jwksFile }
            guard let same, same.setting.issuer == sources[index].setting.issuer else { continue }
            sources[index].version = same.version
            sources[index].keys = same.keys
        }
    }

    /// Reads what has changed since the last look.
    mutating func look() -> [Change] {
        sources.indices.compactMap { look(at: $0) }
    }

    private mutating func look(at index: Int) -> Change? {
        let setting = sources[index].setting
        let reason: String
        do throws(PublicFile.Fault) {
            let file = try PublicFile(setting.jwksFile, byteCountMax: JSONWebKeySet.byteCountMax)
            guard file.version != sources[index].version else { return nil }
            let content = try file.content()
            sources[index].version = file.version
            do throws(JSONWebKeySet.Fault) {
                let keys = try JSONWebKeySet.read(content.span.bytes)
                sources[index].keys = keys
                sources[index].complaint = nil
                return .read(issuer: setting.issuer, file: setting.jwksFile, keyCount: keys.count)
            } catch {
                reason = error.explanation
            }
        } catch {
            guard error != .changing else { return nil }
            sources[index].version = nil
            reason = error.explanation
        }
        guard sources[index].complaint != reason else { return nil }
        sources[index].complaint = reason
        return .refused(issuer: setting.issuer, file: setting.jwksFile, reason: reason)
    }
}

extension JSONWebKeySet.Fault {
    fileprivate var explanation: String {
        switch self {
        case .tooLong: "longer than \(JSONWebKeySet.byteCountMax) bytes"
        case .json(let error): "not one strict JSON object: \(error.reason) at offset \(error.offset)"
        case .noKeys: "no array 'keys' of objects"
        case .tooManyKeys: "more than \(JSONWebKeySet.keysMax) Ed25519 keys"
        case .key(let place): "key \(place) has no kid of 1 to 64 bytes, or its x is no Ed25519 public key"
        case .privateKey(let place): "key \(place) is a private one; it is not secret any more"
        case .keyIDRepeated(let place): "key \(place) has the kid of another"
        }
    }
}
